"""What a step of a network whose rows are dealt over ranks takes, by src/ranks/README.md and the headers it names: a
second implementation, so that a count which differs is a fault of one of them."""
import math

MOST_SHARDS = 16     # nn/shard_tree.h
BLOCK = 1 << 16      # parameters that are traded at once
FEW_FLOATS = 1 << 13 # that are sent in one round
LINE = 16            # parameters, of which a rank has whole ones
HEAD, HEAD_OF_SUM = 8, 32


def divide_up(n, by):
    return -(-n // by)


def rows_of_shard(batch):
    least = 128 if batch // 4 < 256 else 256
    return max(least, divide_up(divide_up(batch, MOST_SHARDS), 64) * 64)


def shards_of(batch):
    return divide_up(batch, rows_of_shard(batch))


def team_of(batch, ranks):
    """How many of the ranks have rows in a step."""
    return divide_up(shards_of(batch), divide_up(shards_of(batch), ranks))


def most_rows(batch, ranks):
    """Of a step, those of the rank that has the most."""
    return min(batch, divide_up(shards_of(batch), ranks) * rows_of_shard(batch))


def sums_left(n_shards, ranks):
    """How many sums of the tree each run of shards is left with: its largest whole branches."""
    def branches(first, width, begin, end):
        last = min(first + width, n_shards)
        if first >= n_shards or last <= begin or first >= end:
            return 0
        if begin <= first and last <= end:
            return 1
        return branches(first, width // 2, begin, end) + branches(first + width // 2, width // 2, begin, end)
    length = divide_up(n_shards, ranks)
    return [branches(0, MOST_SHARDS, rank * length, (rank + 1) * length) for rank in range(ranks)]


def trades_of(batch, ranks, n_params):
    """Rounds of a step, and what rank 0 sends in it: messages and bytes."""
    n_shards, ranks = shards_of(batch), team_of(batch, ranks)
    if ranks == 1:
        return 0, 0, 0
    sums = sums_left(n_shards, ranks)
    rounds = messages = n_bytes = 0
    for begin in range(0, n_params, BLOCK):
        n = min(BLOCK, n_params - begin)
        if (sum(sums) - 2) * min(BLOCK, n_params) <= FEW_FLOATS:
            rounds, messages = rounds + 1, messages + ranks - 1
            n_bytes += (ranks - 1) * (HEAD + sums[0] * (HEAD_OF_SUM + 4 * n))
            continue
        own = min(n, divide_up(divide_up(n, LINE), ranks) * LINE)
        rounds, messages = rounds + 2, messages + 2 * (ranks - 1)
        n_bytes += (ranks - 1) * (HEAD + sums[0] * HEAD_OF_SUM + 4 * own) + sums[0] * 4 * (n - own)
    return rounds, messages, n_bytes


class Network:
    """latency: microseconds; bandwidth: megabytes a second, of what a rank sends."""
    def __init__(self, name, latency, bandwidth):
        self.name, self.latency, self.bandwidth = name, latency, bandwidth

    def __str__(self):
        return f"{self.name}: {self.latency:.3g} us, {self.bandwidth / 1000:.3g} GB/s"


class Model:
    """Seconds of the processor: for a row, for a step beside its rows, for a message that is sent and received, and for
    each of its bytes."""
    def __init__(self, row, step, message, byte, n_params):
        self.row, self.step, self.message, self.byte, self.n_params = row, step, message, byte, n_params

    def computing(self, batch, ranks):
        return most_rows(batch, ranks) * self.row + self.step

    def trading(self, batch, ranks, network):
        rounds, messages, n_bytes = trades_of(batch, ranks, self.n_params)
        return 1e-6 * (rounds * network.latency + n_bytes / network.bandwidth) + messages * self.message + n_bytes * self.byte

    def seconds(self, batch, ranks, network):
        """Of a step. Ranks beyond the team wait."""
        return self.computing(batch, ranks) + self.trading(batch, ranks, network)

    def efficiency(self, batch, ranks, network):
        return self.seconds(batch, 1, network) / ranks / self.seconds(batch, ranks, network)


def fit_line(points):
    """Slope and start of y over x, with the least squares of relative errors."""
    weights = [y ** -2 for _, y in points]
    x = sum(w * p[0] for w, p in zip(weights, points)) / sum(weights)
    y = sum(w * p[1] for w, p in zip(weights, points)) / sum(weights)
    slope = (sum(w * (p[0] - x) * (p[1] - y) for w, p in zip(weights, points)) /
             sum(w * (p[0] - x) ** 2 for w, p in zip(weights, points)))
    return slope, y - slope * x


def efficiency_of_pieces(pieces, ranks):
    """Networks or folds, which trade nothing."""
    return pieces / ranks / math.ceil(pieces / ranks)
