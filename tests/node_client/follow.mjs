// Follows an event stream as a browser would, and prints each event as a line of JSON: follow.mjs ADDRESS COOKIE NAME…
import { EventSource } from "eventsource";

const [address, cookie, ...names] = process.argv.slice(2);
const print = (event) => console.log(JSON.stringify(event));
const source = new EventSource(address, {
  fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, cookie } }),
});
names.forEach((name) => {
  source.addEventListener(name, (event) => print({ name, id: event.lastEventId, data: JSON.parse(event.data) }));
});
source.addEventListener("open", () => print({ name: "open" }));
source.addEventListener("error", (error) => print({ name: "error", status: error.code ?? null }));
