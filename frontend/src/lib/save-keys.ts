const isApple = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** As it stands on the reader's keyboard. */
export const SAVE_KEYS = isApple ? "⌘ ↵" : "Ctrl ↵";
