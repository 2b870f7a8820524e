// SPDX-FileCopyrightText: 2026 logtap contributors
// SPDX-License-Identifier: Apache-2.0
//
// The page of the admin endpoint: follows /logs/stream.  What programs wrote is
// only ever put in as text.
"use strict";

const ROWS = 1000;
const logs = document.getElementById("logs");
const state = document.getElementById("state");
const filter = document.getElementById("filter");
const pause = document.getElementById("pause");
let cursor = null, instance = null, reading = null, paused = false;

function row(cells, kind) {
	const line = document.createElement("tr");
	line.className = kind;
	for (const cell of cells)
		line.insertCell().textContent = cell;
	const bottom = window.innerHeight + window.scrollY >=
		document.body.scrollHeight - 40;
	logs.append(line);
	while (logs.rows.length > ROWS)
		logs.deleteRow(0);
	if (bottom)
		window.scrollTo(0, document.body.scrollHeight);
}

function showRecord(log) {
	const record = log.record;
	const when = BigInt(record.timeUnixNano || record.observedTimeUnixNano);
	const who = log.service ? `${log.service}[${log.pid}/${log.tid}]` : "";
	cursor = log.seq;
	row([new Date(Number(when / 1000000n)).toISOString(), log.level, who,
	     record.body.stringValue], log.level.replace(/[0-9]/, ""));
}

// Return: false: the numbers are another collector's.
function takeWord(word) {
	if (instance && word.instance !== instance) {
		instance = word.instance;
		cursor = 0;
		return false;
	}
	instance = word.instance;
	cursor = word.next_seq;
	if (word.missed)
		row(["", "", "", `${word.missed} records were gone before ` +
		     "they could be shown"], "word");
	if (word.stream === "end")
		row(["", "", "", "the collector has ended"], "word");
	return true;
}

function address() {
	const query = new URLSearchParams();
	for (const [name, value] of new FormData(filter))
		if (value && name !== "token")
			query.set(name, value);
	if (cursor !== null)
		query.set("after", cursor);
	return "/logs/stream?" + query;
}

function headers() {
	const token = filter.elements.token.value;
	return token ? { Authorization: "Bearer " + token } : {};
}

// Return: false: nothing more is to be expected of it.
function takeLine(line) {
	const object = JSON.parse(line);
	if (!object.stream)
		showRecord(object);
	return !object.stream || takeWord(object);
}

async function read(signal) {
	const reply = await fetch(address(), { headers: headers(), signal });
	if (!reply.ok) {
		state.textContent = await reply.text();
		return false;
	}
	state.textContent = "live";
	const decoder = new TextDecoder();
	const reader = reply.body.getReader();
	let rest = "";
	for (;;) {
		const { done, value } = await reader.read();
		if (done)
			return true;
		const lines = (rest + decoder.decode(value, { stream: true }))
			.split("\n");
		rest = lines.pop();
		for (const line of lines)
			if (!takeLine(line)) {
				await reader.cancel();
				return true;
			}
	}
}

async function follow() {
	const mine = reading = new AbortController();
	while (reading === mine) {
		let again = true;
		try {
			again = await read(mine.signal);
		} catch (error) {
			if (reading === mine)
				state.textContent = String(error);
		}
		if (!again)
			return;
		await new Promise((wake) => setTimeout(wake, 1000));
	}
}

function stop() {
	if (reading)
		reading.abort();
	reading = null;
}

pause.addEventListener("click", () => {
	paused = !paused;
	pause.textContent = paused ? "resume" : "pause";
	if (paused) {
		stop();
		state.textContent = "paused";
	} else {
		follow();
	}
});

filter.addEventListener("submit", (event) => {
	event.preventDefault();
	stop();
	cursor = null;
	logs.replaceChildren();
	if (!paused)
		follow();
});

follow();
