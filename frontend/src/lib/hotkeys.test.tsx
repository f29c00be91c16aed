import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { setHotkeysWanted, useHotkeys } from "./hotkeys";

const onKey = vi.fn();

function Page() {
  useHotkeys({ a: onKey, j: onKey });
  return (
    <>
      <input aria-label="text" />
      <textarea aria-label="area" />
      <select aria-label="choice" />
      <div aria-label="rich" role="textbox" contentEditable suppressContentEditableWarning />
      <button type="button">button</button>
    </>
  );
}

describe("single-key shortcuts", () => {
  beforeEach(() => onKey.mockClear());

  it("fire on the page and on a focused button", async () => {
    render(<Page />);
    await userEvent.keyboard("a");
    screen.getByRole("button").focus();
    await userEvent.keyboard("a");
    expect(onKey).toHaveBeenCalledTimes(2);
  });

  it.each(["text", "area", "choice", "rich"])("never fire inside an input (%s)", (label) => {
    render(<Page />);
    fireEvent.keyDown(screen.getByLabelText(label), { key: "a" });
    expect(onKey).not.toHaveBeenCalled();
  });

  it.each(["ctrlKey", "metaKey", "altKey"])("never fire with a modifier (%s)", (modifier) => {
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "a", [modifier]: true });
    expect(onKey).not.toHaveBeenCalled();
  });

  it("never fire behind an open dialog", () => {
    render(
      <>
        <Page />
        <dialog open />
      </>,
    );
    fireEvent.keyDown(document.body, { key: "a" });
    expect(onKey).not.toHaveBeenCalled();
  });

  it("do not decide again and again while a key is held, but go on moving", () => {
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "a", repeat: true });
    expect(onKey).not.toHaveBeenCalled();
    fireEvent.keyDown(document.body, { key: "j", repeat: true });
    expect(onKey).toHaveBeenCalledTimes(1);
  });

  it("work with caps lock on, and can be turned off", () => {
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "A" });
    expect(onKey).toHaveBeenCalledTimes(1);
    act(() => setHotkeysWanted(false));
    fireEvent.keyDown(document.body, { key: "a" });
    expect(onKey).toHaveBeenCalledTimes(1);
    act(() => setHotkeysWanted(true));
  });
});
