/** Goes on to another site, in this window: it sends the person back here. */
export function leaveFor(url: string) {
  window.location.assign(url);
}
