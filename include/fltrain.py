"""Trained models of fltrain in Python: one file over ctypes, which needs nothing but the library.

    from fltrain import Detector, train
    detector = Detector.load("fraud.safetensors")
    detector.predict_proba(rows)        # (n, 2): of detector.classes_, the negative class first
    detector.explain(rows, 3)           # the three columns that moved each row most, in log-odds

Rows are a pandas DataFrame, a dict of columns, a list of dicts, or one dict or Series; a two-dimensional array has the
columns of feature_names_in_ in their order. Columns are found by name, and others than the model needs may be there. A number may
be a number or its text; None, NaN and "" are missing. numpy and pandas are used where they are, not needed: without
numpy, what would be an array is a list.

Whatever goes wrong is a FltrainError with the sentence and the exit code (status) of the program.

Threads: ctypes lets other threads run while the library computes, and any number of threads may use one detector at a
time, as long as none of them calls set_prior.

Training is not in the library, which holds what a service needs. train and FltrainClassifier start the program `fltrain`.
"""
import ctypes
import json
import math
import os
import shutil
import subprocess
import tempfile
import threading
import warnings

try:
    import numpy
except ImportError:
    numpy = None

__all__ = ["Detector", "FltrainClassifier", "FltrainError", "FltrainValueError", "train", "version"]

FOLDER = None  # that holds the library; written by make install
SONAME = "libfltrain.so.0"
HERE = os.path.dirname(os.path.abspath(__file__))


class FltrainError(Exception):
    """A sentence that names the thing and the remedy; status is the exit code of the program for it."""

    def __init__(self, text, status=1):
        super().__init__(text)
        self.status = status

    def __reduce__(self):
        return type(self), (str(self), self.status)


class FltrainValueError(FltrainError, ValueError):
    """The same, of options and data."""


def _fail(text, status):
    raise (FltrainValueError if status in (2, 3) else FltrainError)(text, status)


# ---- the library ----

_STATUS_OK = 0


class _Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 1024)]


class _Cells(ctypes.Structure):
    _fields_ = [("number", ctypes.c_void_p), ("text", ctypes.c_void_p)]


def _open_library():
    """The library of the environment, the one that was installed with this file, or that of the source tree."""
    places = [FOLDER and os.path.join(FOLDER, SONAME), os.path.join(HERE, "..", "..", "lib", SONAME),
              os.path.join(HERE, "..", "build", SONAME)]
    place = os.environ.get("FLTRAIN_LIBRARY") or next((p for p in places if p and os.path.exists(p)), SONAME)
    try:
        return ctypes.CDLL(place)
    except OSError as error:
        raise ImportError(f"{SONAME} cannot be opened ({error}): install fltrain, or give its path in "
                          "FLTRAIN_LIBRARY") from None


_lib = _open_library()
_pointer, _size, _text, _double = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_double
for _name, _result, _arguments in (
        ("version", _text, []), ("release", None, [_pointer]),
        ("detector_load", ctypes.c_int, [_text, _pointer, _pointer]),
        ("detector_from_bytes", ctypes.c_int, [_text, _size, _pointer, _pointer]),
        ("detector_to_bytes", ctypes.c_int, [_pointer] * 5), ("detector_free", None, [_pointer]),
        ("detector_save", ctypes.c_int, [_pointer, _text, _pointer, _pointer]),
        ("detector_target", _text, [_pointer]), ("detector_positive", _text, [_pointer]),
        ("detector_negative", _text, [_pointer]), ("detector_prevalence", _double, [_pointer]),
        ("detector_n_columns", _size, [_pointer]), ("detector_column_name", _text, [_pointer, _size]),
        ("detector_threshold", _double, [_pointer]), ("detector_rule", None, [_pointer, _text]),
        ("detector_prior", _double, [_pointer]), ("detector_set_prior", ctypes.c_int, [_pointer, _double, _pointer]),
        ("detector_probabilities", None, [_pointer, _pointer, _size, _pointer]),
        ("scorer_new", ctypes.c_int, [_pointer, _pointer, _size, _pointer, _pointer, _pointer]),
        ("scorer_free", None, [_pointer]),
        ("scorer_score_columns", ctypes.c_int, [_pointer, _pointer, _size, _pointer, _pointer, _pointer]),
        ("reasons_new", ctypes.c_int, [_pointer] * 3), ("reasons_free", None, [_pointer]),
        ("reasons_base", _double, [_pointer]),
        ("reasons_explain", ctypes.c_int, [_pointer] * 3 + [_size] + [_pointer] * 5)):
    _call = getattr(_lib, "flt_" + _name)
    _call.restype, _call.argtypes = _result, _arguments


def version():
    """The version of the library."""
    return _lib.flt_version().decode()


# ---- rows ----

_EXACT = 2.0**53  # beyond it a double is not the only whole number that it stands for


def _is_missing(value):
    """None, NaN, NaT and NA, of which none equals itself."""
    try:
        return value is None or bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _text_of(value):
    """As the value would stand in a CSV file; None if it is missing."""
    if _is_missing(value):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (dict, list, tuple, set)):
        raise TypeError(f"a cell: argument must be a string or a number, not {type(value).__name__}")
    if hasattr(value, "item") and not hasattr(value, "isoformat") and not str(getattr(value, "dtype", "")).startswith("datetime"):
        value = value.item()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e16:
        return "-0" if str(value) == "-0.0" else str(int(value))
    if isinstance(value, float):
        return repr(value)
    text = value.isoformat(" ") if hasattr(value, "hour") else str(value)
    return text[:-9] if text.endswith(" 00:00:00") else text


def _encode(text):
    if text is None:
        return None
    if "\0" in text:
        raise FltrainValueError(f"{text!r}: a text with a NUL character: remove it", 3)
    return text.encode("utf-8", "surrogateescape")


def _decode(text):
    return text.decode("utf-8", "surrogateescape")


def _is_plain_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and \
        (isinstance(value, float) or abs(value) < _EXACT)


def _numbers_of(values):
    """An array of doubles, or None if some value is something else."""
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if numpy is not None and kind in ("f", "i", "u"):
        is_masked = not isinstance(values.dtype, numpy.dtype)  # pandas' numbers with NA
        array = values.to_numpy(dtype="float64", na_value=math.nan) if is_masked else numpy.asarray(values)
        if kind != "f" and array.size and numpy.any(numpy.abs(array.astype(numpy.float64)) >= _EXACT):
            return None
        return numpy.ascontiguousarray(array, dtype=numpy.float64)
    if kind is not None and kind != "O":
        return None
    if not all(_is_plain_number(value) or value is None for value in values):
        return None
    return (ctypes.c_double * len(values))(*(math.nan if value is None else value for value in values))


def _texts_of(values):
    """An array of pointers to texts, and what keeps these alive."""
    values = values.tolist() if hasattr(values, "tolist") and getattr(values.dtype, "kind", "O") != "M" else list(values)
    known, codes = {}, []
    for value in values:
        key = (type(value), value) if value.__hash__ is not None else id(value)
        if key not in known:
            known[key] = len(known), _encode(_text_of(value))
        codes.append(known[key][0])
    distinct = (ctypes.c_char_p * max(len(known), 1))(*(text for _, text in known.values()))
    pointers = ctypes.cast(distinct, ctypes.POINTER(ctypes.c_void_p))
    return (ctypes.c_void_p * len(codes))(*map([pointers[i] for i in range(len(known))].__getitem__, codes)), distinct


def _address(array):
    return array.ctypes.data if hasattr(array, "ctypes") else ctypes.addressof(array)


def _is_frame(rows):
    return hasattr(rows, "columns") and hasattr(rows, "iloc")


class _Rows:
    """Rows as columns by name: names, columns (of any sequence) and n. An array has the columns of names, if they are
    known."""

    def __init__(self, rows, names=None):
        if isinstance(rows, _Rows):
            self.names, self.columns, self.n = rows.names, rows.columns, rows.n
        elif _is_frame(rows):
            self.names = [str(name) for name in rows.columns]
            self.columns = [rows.iloc[:, i] for i in range(len(self.names))]
            self.n = len(rows)
        elif hasattr(rows, "items"):
            self._take_dict(dict(rows.items()))  # a dict, or a row of a DataFrame
        elif getattr(getattr(rows, "dtype", None), "names", None):
            self._take_dict({name: rows[name] for name in rows.dtype.names})  # an array of records
        elif getattr(rows, "ndim", None) == 2 and names is not None:
            self._take_array(rows, names)
        else:
            self._take_records(rows, names)

    def _take_dict(self, rows):
        one = all(isinstance(value, (str, bytes)) or not hasattr(value, "__len__") for value in rows.values())
        self.names = [str(name) for name in rows]
        self.columns = [[value] for value in rows.values()] if one else list(rows.values())
        lengths = {len(column) for column in self.columns}
        if len(lengths) > 1:
            raise FltrainValueError(f"columns have from {min(lengths)} to {max(lengths)} rows: give all the same number", 3)
        self.n = lengths.pop() if lengths else 0

    def _take_array(self, rows, names):
        if rows.shape[1] != len(names):
            raise FltrainValueError(f"an array of {rows.shape[1]} columns, where the model has {len(names)}: give these, in the order of "
                                    "feature_names_in_, or a DataFrame", 3)
        if hasattr(rows, "filled"):  # what is masked is missing
            rows = rows.astype(object).filled(None)
        self.names, self.columns, self.n = list(names), [rows[:, i] for i in range(len(names))], len(rows)

    def _take_records(self, rows, names):
        rows = list(rows) if hasattr(rows, "__iter__") else [rows]
        if not all(hasattr(row, "items") for row in rows):
            kinds = "or dicts" if names is None else "dicts, or a two-dimensional array"
            raise FltrainValueError(f"rows must be a DataFrame, a dict of columns, {kinds}", 3)
        if rows or names is None:
            names = dict.fromkeys(str(name) for row in rows for name in row)
        self.names = list(names)
        rows = [{str(name): value for name, value in row.items()} for row in rows]
        self.columns = [[row.get(name) for row in rows] for name in self.names]
        self.n = len(rows)

    def cells(self, used):
        """The columns as the library takes them, and what keeps them alive."""
        cells, kept = (_Cells * max(len(self.names), 1))(), []
        for i, (name, column) in enumerate(zip(self.names, self.columns)):
            if name not in used:
                continue
            numbers = _numbers_of(column)
            if numbers is not None:
                cells[i].number = _address(numbers) if self.n else None
                kept.append(numbers)
            else:
                pointers, texts = _texts_of(column)
                cells[i].text = ctypes.addressof(pointers)
                kept += [pointers, texts]
        return cells, kept

    def texts(self, used):
        """All cells as texts, row by row; those of other columns are NULL."""
        columns = [[_encode(_text_of(value)) or b"" for value in column] if name in used else [None] * self.n
                   for name, column in zip(self.names, self.columns)]
        return (ctypes.c_char_p * max(self.n * len(columns), 1))(*(cell for row in zip(*columns) for cell in row))


# ---- the detector ----


class Detector:
    """A trained model. classes_ are the negative and the positive class, in the order of the columns of predict_proba;
    feature_names_in_ are the columns that it needs. report is what train measured, else None."""

    def __init__(self, data):
        """From the bytes of a model file."""
        if not isinstance(data, (bytes, bytearray, memoryview)):
            raise TypeError(f"a Detector is made of the bytes of a model file, not of {type(data).__name__}; "
                            "Detector.load takes its path")
        data, handle, error = bytes(data), ctypes.c_void_p(), _Error()
        self._check(_lib.flt_detector_from_bytes(data, len(data), ctypes.byref(handle), ctypes.byref(error)), error)
        self._take(handle)

    @classmethod
    def load(cls, path):
        """From a file that fltrain wrote. Files may come from anyone: everything in them is checked."""
        self, handle, error = cls.__new__(cls), ctypes.c_void_p(), _Error()
        cls._check(_lib.flt_detector_load(os.fsencode(path), ctypes.byref(handle), ctypes.byref(error)), error)
        self._take(handle)
        return self

    def _take(self, handle):
        self._handle, self._reasons, self._lock, self.report = handle, None, threading.Lock(), None
        data = self.__getstate__()[0]
        length = int.from_bytes(data[:8], "little")
        self._texts = json.loads(data[8:8 + length])["__metadata__"]
        names = [_decode(_lib.flt_detector_column_name(handle, i)) for i in range(_lib.flt_detector_n_columns(handle))]
        classes = [_decode(_lib.flt_detector_negative(handle)), _decode(_lib.flt_detector_positive(handle))]
        self.feature_names_in_ = names if numpy is None else numpy.array(names, dtype=object)
        self.classes_ = classes if numpy is None else numpy.array(classes, dtype=object)
        self.n_features_in_ = len(names)
        self._used = set(names)

    @staticmethod
    def _check(status, error, rows=None, bad_row=None):
        if status == _STATUS_OK:
            return
        text = error.text.decode("utf-8", "replace")
        place = f"row {bad_row.value}: " if rows is not None and status == 3 and rows.n > 1 else ""
        _fail(place + text, status)

    def __repr__(self):
        return f"<Detector of {self.target} from {', '.join(self.feature_names_in_)}>"

    def __del__(self):
        if getattr(self, "_reasons", None):
            _lib.flt_reasons_free(self._reasons)
        if getattr(self, "_handle", None):
            _lib.flt_detector_free(self._handle)

    def __getstate__(self):
        data, n, error = ctypes.c_void_p(), ctypes.c_size_t(), _Error()
        self._check(_lib.flt_detector_to_bytes(self._handle, ctypes.byref(data), ctypes.byref(n), None,
                                               ctypes.byref(error)), error)
        state = ctypes.string_at(data, n.value)
        _lib.flt_release(data)
        return state, self.report

    def __setstate__(self, state):
        self.__init__(state[0])
        self.report = state[1]

    def save(self, path):
        """Replaces the file in one step: readers see the old one or the complete new one."""
        error = _Error()
        self._check(_lib.flt_detector_save(self._handle, os.fsencode(path), None, ctypes.byref(error)), error)

    # -- what it is --

    target = property(lambda self: _decode(_lib.flt_detector_target(self._handle)), doc="The column that it predicts.")
    positive = property(lambda self: self.classes_[1])
    negative = property(lambda self: self.classes_[0])
    prevalence = property(lambda self: _lib.flt_detector_prevalence(self._handle), doc="Share of positive training rows.")
    threshold = property(lambda self: _lib.flt_detector_threshold(self._handle), doc="Probability from which a row is positive.")
    prior = property(lambda self: _lib.flt_detector_prior(self._handle), doc="The share of positives that it assumes.")
    figures = property(lambda self: json.loads(self._texts["figures"]), doc="How good it was on its test rows.")

    @property
    def about(self):
        """What the model file says: input, preparation, networks, map, rule, training, figures."""
        def read(text):
            return json.loads(text) if text.startswith(("{", "[")) else text
        return {name: read(text) for name, text in self._texts.items()}

    @property
    def rule(self):
        """That chose the threshold, as the option --threshold takes it."""
        text = ctypes.create_string_buffer(96)
        _lib.flt_detector_rule(self._handle, text)
        return text.value.decode()

    def set_prior(self, prior):
        """For rows of which this share is positive: probabilities move, and the threshold follows its rule."""
        error = _Error()
        self._check(_lib.flt_detector_set_prior(self._handle, prior, ctypes.byref(error)), error)
        if self._reasons:  # their base is under the prior
            _lib.flt_reasons_free(self._reasons)
            self._reasons = None

    # -- scoring --

    def _scorer(self, rows):
        names = (ctypes.c_char_p * max(len(rows.names), 1))(*map(_encode, rows.names))
        scorer, error = ctypes.c_void_p(), _Error()
        self._check(_lib.flt_scorer_new(self._handle, names, len(rows.names), None, ctypes.byref(scorer),
                                        ctypes.byref(error)), error)
        return scorer

    def _scores(self, rows):
        """An array of scores (n), not yet a list."""
        rows = _Rows(rows, self.feature_names_in_)
        scores = numpy.empty(rows.n) if numpy is not None else (ctypes.c_double * max(rows.n, 1))()
        scorer, error, bad_row = self._scorer(rows), _Error(), ctypes.c_size_t()
        try:
            cells, kept = rows.cells(self._used)
            status = _lib.flt_scorer_score_columns(scorer, cells, rows.n, _address(scores), ctypes.byref(bad_row),
                                                   ctypes.byref(error))
            del kept
        finally:
            _lib.flt_scorer_free(scorer)
        self._check(status, error, rows, bad_row)
        return scores, rows.n

    def decision_function(self, rows):
        """The scores (n), which rank rows: higher for rows more like the positive ones."""
        scores, n = self._scores(rows)
        return scores if numpy is not None else scores[:n]

    def predict_proba(self, rows):
        """Probabilities (n, 2) of classes_."""
        scores, n = self._scores(rows)
        _lib.flt_detector_probabilities(self._handle, _address(scores), n, _address(scores))
        if numpy is None:
            return [[1 - p, p] for p in scores[:n]]
        return numpy.column_stack((1 - scores, scores))

    def predict(self, rows):
        """Labels (n): the positive class from the threshold on."""
        probabilities, threshold = self.predict_proba(rows), self.threshold
        if numpy is None:
            return [self.classes_[p >= threshold] for _, p in probabilities]
        return self.classes_[(probabilities[:, 1] >= threshold).astype(int)]

    # -- reasons --

    def _open_reasons(self):
        with self._lock:
            if not self._reasons:
                reasons, error = ctypes.c_void_p(), _Error()
                self._check(_lib.flt_reasons_new(self._handle, ctypes.byref(reasons), ctypes.byref(error)), error)
                self._reasons = reasons
        return self._reasons

    @property
    def base_log_odds(self):
        """From where reasons move a row: the mean log-odds of the model's background rows."""
        return _lib.flt_reasons_base(self._open_reasons())

    def explain(self, rows, k=None):
        """Of each row a list of (column, log-odds): what the columns add to base_log_odds, the largest first; all that
        are not 0, or k."""
        if k is not None and k < 0:
            raise FltrainValueError(f"k={k}: give the number of columns to name, or None for all", 2)
        reasons, rows = self._open_reasons(), _Rows(rows, self.feature_names_in_)
        width, error, bad_row = self.n_features_in_, _Error(), ctypes.c_size_t()
        parts, scorer = (ctypes.c_double * max(rows.n * width, 1))(), self._scorer(rows)
        try:
            status = _lib.flt_reasons_explain(reasons, scorer, rows.texts(self._used), rows.n, parts, None, None,
                                              ctypes.byref(bad_row), ctypes.byref(error))
        finally:
            _lib.flt_scorer_free(scorer)
        self._check(status, error, rows, bad_row)

        def of_row(i):
            row = zip(self.feature_names_in_, parts[i * width:(i + 1) * width])
            return sorted((part for part in row if part[1] != 0), key=lambda part: -abs(part[1]))[:k]
        return [of_row(i) for i in range(rows.n)]


# ---- training ----


def _find_program():
    places = [os.path.join(HERE, "..", "..", "bin", "fltrain"), os.path.join(HERE, "..", "fltrain"),
              shutil.which("fltrain")]
    place = os.environ.get("FLTRAIN_PROGRAM") or next((p for p in places if p and os.path.isfile(p)), None)
    return place or _fail("the program fltrain is not found: install it, or give its path in FLTRAIN_PROGRAM", 1)


def _words(options):
    """test_fraction=0.2 is --test-fraction 0.2, True a switch, a list a value with commas; None, False and [] are none."""
    words = []
    for name, value in options.items():
        value = value.tolist() if hasattr(value, "tolist") else value  # of numpy and pandas
        if value is None or value is False or value in ([], ()):
            continue
        if isinstance(value, (list, tuple)):
            value = ",".join(map(_field, map(str, value)))
        words.append("--" + name.replace("_", "-") + ("" if value is True else f"={value}"))
    return words


def _quoted(text):
    """As a field of a CSV file, or an item of a list."""
    return '"' + text.replace('"', '""') + '"'


def _field(text):
    """The same, in quotes only where it would be another text without."""
    return _quoted(text) if text != text.strip() or any(c in text for c in ',"\n\r') else text


def _csv_of(rows):
    """The rows as bytes of a CSV file, as _AS_WRITTEN says."""
    rows = _Rows(rows)
    for i, name in enumerate(rows.names):
        if name == "":
            raise FltrainValueError(f"column {i + 1} has no name: give it one", 3)
        if name in rows.names[:i]:
            raise FltrainValueError(f"columns {rows.names.index(name) + 1} and {i + 1} are both called {name!r}; rename one", 3)

    columns = [[_field(_text_of(value) or "") for value in column] for column in rows.columns]
    lines = [",".join(map(_quoted, rows.names)), *map(",".join, zip(*columns))]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")


_AS_WRITTEN = ["--delimiter=,", "--header=yes"]


def _run(words, data):
    """The report of a training; what the program warns of becomes warnings."""
    done = subprocess.run([_find_program(), *words], input=data, capture_output=True)
    lines = [line.removeprefix("fltrain: ") for line in done.stderr.decode("utf-8", "replace").splitlines()
             if line.startswith("fltrain: ")]
    if done.returncode != 0:
        _fail(lines[-1] if lines else f"fltrain ended with {done.returncode}", done.returncode)
    for line in lines:
        if line.startswith("warning: "):
            warnings.warn(line.removeprefix("warning: "), stacklevel=3)
    return json.loads(done.stdout)


def train(data, output=None, **options):
    """Trains a detector by the program fltrain, whose options these are: train("fraud.csv", target="fraud",
    test_fraction=0.3). data is a path, a list of paths, or rows as for predict_proba. The detector's report is the JSON
    of `fltrain train --json`; output keeps the model in a file."""
    is_path = isinstance(data, (str, os.PathLike))
    paths = [data] if is_path else data
    has_paths = isinstance(paths, (list, tuple)) and paths and all(isinstance(path, (str, os.PathLike)) for path in paths)
    if options.get("json"):
        raise FltrainValueError("json: train reads the JSON itself, and keeps it as report of the detector", 2)
    with tempfile.TemporaryDirectory(prefix="fltrain-") as folder:
        model = os.fspath(output) if output is not None else os.path.join(folder, "model.safetensors")
        words = ["train", *_words(options), "--json=-", f"--output={model}"]
        if has_paths:
            report = _run([*words, "--", *map(os.fspath, paths)], b"")
        else:
            report = _run([*words, *_AS_WRITTEN, "--", "-"], _csv_of(data))
        detector = Detector.load(model)
    detector.report = report
    return detector


# ---- scikit-learn ----


def _make_classifier():
    try:
        from sklearn.base import BaseEstimator, ClassifierMixin
        from sklearn.utils.multiclass import check_classification_targets, type_of_target
        from sklearn.utils.validation import check_array, check_consistent_length, check_is_fitted, column_or_1d
    except ImportError:
        raise ImportError("FltrainClassifier needs scikit-learn; Detector and train do without") from None
    try:
        from sklearn.utils.validation import validate_data  # from 1.6 on
    except ImportError:
        validate_data = None

    class FltrainClassifier(ClassifierMixin, BaseEstimator):
        """A classifier of two classes: fit starts the program, the rest is a Detector (detector_).

        positive is the class that matters, None the rarer one. options are those of `fltrain train`, as of
        train(data, **options); all rows are learnt from, unless they hold test_fraction. X may be a DataFrame with
        texts, dates and missing values. predict uses the threshold that the rule chose (threshold="f1")."""

        def __init__(self, positive=None, preset="default", threshold="f1", seed=1, options=None):
            self.positive = positive
            self.preset = preset
            self.threshold = threshold
            self.seed = seed
            self.options = options

        def __sklearn_tags__(self):
            tags = super().__sklearn_tags__()
            tags.classifier_tags.multi_class = False
            tags.input_tags.allow_nan = True
            return tags

        def _more_tags(self):
            """The same before 1.6."""
            return {"binary_only": True, "allow_nan": True}

        def _rows(self, X, reset):
            """X as rows, with the names that its columns had in fit."""
            if not _is_frame(X):
                X = check_array(X, dtype=None, **{"ensure_all_finite" if validate_data else "force_all_finite": "allow-nan"})
            if validate_data:
                validate_data(self, X, reset=reset, skip_check_array=True)
            else:
                self._check_feature_names(X, reset=reset)
                self._check_n_features(X, reset=reset)
            rows = _Rows(X, [f"x{i}" for i in range(X.shape[1])])
            if reset:
                self.columns_ = rows.names
            rows.names = list(self.columns_)
            return rows

        def _labels(self, y):
            if y is None:
                raise ValueError("requires y to be passed, but the target y is None")
            y = column_or_1d(y, warn=True)
            check_classification_targets(y)
            classes, counts = numpy.unique(y, return_counts=True)
            if len(classes) > 2:
                raise ValueError("Only binary classification is supported. The type of the target is "
                                 f"{type_of_target(y)}: label all classes but one alike")
            if len(classes) < 2:
                raise ValueError("one class only in y: fltrain tells two classes apart; give rows of both")
            return y, classes, counts

        def fit(self, X, y):
            rows = self._rows(X, reset=True)
            y, self.classes_, counts = self._labels(y)
            check_consistent_length(X, y)
            positive = self.classes_[numpy.argmin(counts)] if self.positive is None else self.positive
            if positive not in self.classes_:
                raise ValueError(f"positive={positive!r}: no row of y is of this class; y has {list(self.classes_)}")
            self.is_positive_ = self.classes_ == positive
            target = "target"
            while target in rows.names:
                target += "_"
            rows.names.append(target)
            rows.columns.append(numpy.where(y == positive, "1", "0"))
            options = dict(test_fraction=0, preset=self.preset, threshold=self.threshold, seed=self.seed, quiet=True)
            options.update(self.options or {})
            for name in {"target", "positive"} & set(options):
                raise ValueError(f"options: {name} is given by fit; leave it out")
            self.detector_ = train(rows, target=target, positive="1", **options)
            return self

        def _score(self, X, how):
            check_is_fitted(self)
            return getattr(self.detector_, how)(self._rows(X, reset=False))

        def predict_proba(self, X):
            """(n, 2), in the order of classes_."""
            probabilities = self._score(X, "predict_proba")
            return probabilities if self.is_positive_[1] else probabilities[:, ::-1]

        def decision_function(self, X):
            """Above 0 where predict gives classes_[1]: log-odds less those of the threshold."""
            check_is_fitted(self)
            p = numpy.clip(self._score(X, "predict_proba")[:, 1], 1e-300, 1 - 2**-53)
            at = min(max(self.detector_.threshold, 1e-300), 1 - 2**-53)
            distance = numpy.log(p / (1 - p)) - math.log(at / (1 - at))
            return distance if self.is_positive_[1] else -distance

        def predict(self, X):
            is_positive = self._score(X, "predict_proba")[:, 1] >= self.detector_.threshold
            return numpy.where(is_positive, *self.classes_[[int(self.is_positive_[1]), int(self.is_positive_[0])]])

    FltrainClassifier.__module__, FltrainClassifier.__qualname__ = __name__, "FltrainClassifier"
    return FltrainClassifier


def __getattr__(name):
    """FltrainClassifier is made when it is asked for, since scikit-learn takes a second to import."""
    if name != "FltrainClassifier":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = _make_classifier()
    return globals()[name]
