// Requests of a display screen: one at a time, with a time-out, and slower after failures. XMLHttpRequest: it has a time-out
// of its own and parses pages, also in engines without AbortController.
"use strict";

window.gongshiScreen = window.gongshiScreen || {};

(function (screen) {
  const TIMEOUT_MS = 15000;
  const FIRST_RETRY_MS = 3000;
  const MAX_RETRY_MS = 30000;

  function send(method, address, responseType, body, done) {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.responseType = responseType;
    request.timeout = TIMEOUT_MS;
    if (body) request.setRequestHeader("Content-Type", "application/json");
    else request.setRequestHeader("Accept", "text/html");
    request.onloadend = () => done(request);
    request.send(body);
    return request;
  }

  // Sends one request at a time. After a failure the next one waits, longer each time, not at the same moment as other screens.
  class Sender {
    constructor(clock) {
      this.clock = clock;
      this.request = null;
      this.sentAt = 0;
      this.failures = 0;
      this.retryAt = 0;
    }

    isReady() {
      const now = this.clock.now();
      // A time-out that never comes, as after standby.
      if (this.request && now - this.sentAt > 2 * TIMEOUT_MS) this.request.abort();
      return !this.request && now >= this.retryAt;
    }

    // Send, and call `done` with the request; it returns whether the answer was of use.
    send(method, address, responseType, body, done) {
      this.sentAt = this.clock.now();
      this.request = send(method, address, responseType, body, (request) => {
        this.request = null;
        let useful = false;
        try {
          useful = done(request, this.sentAt);
        } finally {
          this.failures = useful ? 0 : this.failures + 1;
          this.retryAt = useful ? 0 : this.clock.now() + this.delay();
        }
      });
    }

    delay() {
      const delay = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * Math.pow(2, this.failures - 1));
      return delay * (0.5 + Math.random() / 2);
    }
  }

  screen.Sender = Sender;
})(window.gongshiScreen);
