// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
//
// page.mjs BASE TEXT [NAME=VALUE...]: runs the admin endpoint's own page.js with
// as much of a browser as it needs, its filter filled in, and prints each row
// that it shows as a line of JSON until one holds TEXT.
const [base, text, ...fields] = process.argv.slice(2);
const values = new Map(fields.map((field) => field.split("=")));

function element() {
	return {
		textContent: "", className: "", rows: [], cells: [],
		elements: { token: { value: values.get("token") ?? "" } },
		addEventListener() {},
		insertCell() {
			const cell = {};
			this.cells.push(cell);
			return cell;
		},
		append(row) {
			const cells = row.cells.map((cell) => cell.textContent);
			console.log(JSON.stringify([row.className, ...cells]));
			if (cells.some((cell) => cell.includes(text)))
				process.exit(0);
		},
	};
}

const elements = new Map();
globalThis.window = { innerHeight: 0, scrollY: 0, scrollTo() {} };
globalThis.document = {
	body: { scrollHeight: 0 },
	createElement: element,
	getElementById(name) {
		if (!elements.has(name))
			elements.set(name, element());
		return elements.get(name);
	},
};
globalThis.FormData = class {
	*[Symbol.iterator]() {
		yield* values;
	}
};
const fetchReal = fetch;
globalThis.fetch = (path, options) => fetchReal(base + path, options);

const page = await (await fetchReal(base + "/")).text();
if (!page.includes('src="/page.js"'))
	throw new Error("the page does not name its script");
const script = await (await fetchReal(base + "/page.js")).text();
new Function(script)();
