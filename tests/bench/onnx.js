// CPU microseconds a row that onnxruntime takes for a model that `fltrain export --to onnx` wrote, on one thread, texts not
// counted: node onnx.js MODEL.onnx DATA.csv (no quotes in it). The best of several runs.
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');
const RUNS = 5;

async function main(model, data) {
	const session = await ort.InferenceSession.create(model, {intraOpNumThreads: 1, interOpNumThreads: 1});
	const [names, ...rows] = fs.readFileSync(data, 'utf8').trimEnd().split('\n').map(line => line.split(','));
	const feeds = {};
	for (const name of session.inputNames) {
		const cells = rows.map(row => row[names.indexOf(name)]), isText = cells.some(cell => cell !== '' && isNaN(cell));
		feeds[name] = isText ? new ort.Tensor('string', cells, [rows.length, 1]) :
			new ort.Tensor('float64', Float64Array.from(cells, cell => cell === '' ? NaN : Number(cell)), [rows.length, 1]);
	}
	let best = Infinity;
	for (let run = 0; run < RUNS; run++) {
		const begin = process.cpuUsage();
		await session.run(feeds);
		const used = process.cpuUsage(begin);
		best = Math.min(best, (used.user + used.system) / rows.length);
	}
	console.log(best);
}

main(process.argv[2], process.argv[3]);
