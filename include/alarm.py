"""Scores one payment with a model that fltrain trained; README.md in this folder shows how to run it."""
from fltrain import Detector

payment = {"amount": 6.90, "amount_ratio": 0.35, "hour": 3.4, "minutes_since_last": 1.1, "n_last_hour": 11,
           "n_last_day": 12, "declines_last_day": 3, "merchant": "gaming", "channel": "online", "region": "domestic",
           "km_from_last": None, "account_age_days": 415}

detector = Detector.load("fraud.safetensors")
probability = detector.predict_proba([payment])[0][1]
print(f"{probability:.6g}: {'alarm' if detector.predict([payment])[0] == detector.classes_[1] else 'fine'}")
for column, log_odds in detector.explain([payment], 3)[0]:
    print(f"  {column} {log_odds:+.1f}")
