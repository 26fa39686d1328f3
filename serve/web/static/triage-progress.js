// Live progress: server-sent events; where they do not come through, polling.
import { api, complain } from "./triage-core.js";

const POLL_MS = 2000;

/** Call `update(job)` with every change of job `id` until `live()` is false. */
export function follow(id, update, live) {
  if (!live()) return;
  const events = new EventSource(`/v1/triage/jobs/${id}/events`);
  let silent = setTimeout(poll, 5000); // a proxy that buffers: nothing comes, nor does an error
  let polling = false;

  async function poll() {
    polling = true;
    events.close();
    while (live()) {
      try {
        update(await api(`/${id}`));
      } catch (error) {
        complain(error);
        if (error.status === 404) return;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  events.addEventListener("progress", (event) => {
    clearTimeout(silent);
    if (polling) return;
    update(JSON.parse(event.data));
    if (!live()) events.close();
  });
  events.addEventListener("error", () => {
    clearTimeout(silent);
    events.close(); // else the browser would ask again, and for a deleted batch in vain
    if (!polling && live()) poll();
  });
}
