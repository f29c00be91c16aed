/** Whether it is on the clipboard: browsers refuse it on pages without TLS, and without a click just before. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
