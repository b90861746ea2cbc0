// The same over Server-Sent Events, for pages behind proxies that break websockets. A browser sends
// the session's cookie, comes back by itself, and says in Last-Event-ID where it was.

export function followEvents(url, query, variables, show) {
  const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const source = new EventSource(`${url}?${parameters}`, { withCredentials: true });
  source.addEventListener("next", (event) => {
    const { data, errors } = JSON.parse(event.data);
    if (data) show(data.ticketEvents);
    else console.error(errors);
  });
  source.addEventListener("complete", () => source.close()); // else it would begin again
  return source; // `error` with readyState CLOSED: refused; sign in again
}
