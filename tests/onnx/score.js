// Scores rows with an ONNX file by onnxruntime: node score.js MODEL.onnx FEED >SCORES
//
// FEED has a line for each input: its name, its type (number, date, category), then the values of all rows, between
// tabs. A line of SCORES: probability, label, log-odds. Batches grow from one row, since any number must do.
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');

function tensorOf(kind, cells) {
	const shape = [cells.length, 1];
	if (kind === 'category')
		return new ort.Tensor('string', cells, shape);
	return new ort.Tensor('float64', Float64Array.from(cells, cell => cell === '' ? NaN : Number(cell)), shape);
}

async function main(model, feed) {
	const session = await ort.InferenceSession.create(model);
	const columns = fs.readFileSync(feed, 'utf8').split('\n').slice(0, -1).map(line => line.split('\t'));
	const nRows = columns[0].length - 2, lines = [];
	for (let first = 0, size = 1; first < nRows; first += size, size = Math.min(3 * size, 10000)) {
		const feeds = {};
		for (const [name, kind, ...cells] of columns)
			if (session.inputNames.includes(name))
				feeds[name] = tensorOf(kind, cells.slice(first, first + size));
		const out = await session.run(feeds);
		const [p, label, logOdds] = session.outputNames.map(name => out[name].data);
		for (let i = 0; i < p.length; i++)
			lines.push(`${p[i]} ${label[i]} ${logOdds[i]}`);
	}
	fs.writeSync(1, lines.join('\n') + '\n');
}

main(process.argv[2], process.argv[3]);
