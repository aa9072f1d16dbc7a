// Scores one payment with a model that fltrain exported to ONNX; README.md in this folder shows how to run it.
const ort = require('onnxruntime-node');

const payment = {amount: 6.90, amount_ratio: 0.35, hour: 3.4, minutes_since_last: 1.1, n_last_hour: 11, n_last_day: 12,
	declines_last_day: 3, merchant: 'gaming', channel: 'online', region: 'domestic', km_from_last: NaN,
	account_age_days: 415};

(async () => {
	const session = await ort.InferenceSession.create('fraud.onnx'), row = {};
	for (const [name, value] of Object.entries(payment))
		row[name] = new ort.Tensor(typeof value === 'string' ? 'string' : 'float64', [value], [1, 1]);
	const {probability, label} = await session.run(row);
	console.log(`${probability.data[0].toPrecision(6)}: ${label.data[0] ? 'alarm' : 'fine'}`);
})();
