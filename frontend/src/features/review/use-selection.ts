import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";

/**
 * Which draft is open: in the address, but answered from here, so that the next draft is painted with the key
 * press and not after the router has followed.
 */
export function useSelection() {
  const [params, setParams] = useSearchParams();
  const inAddress = Number(params.get("draft")) || null;
  const [selected, setSelected] = useState(inAddress);
  const [seen, setSeen] = useState(inAddress);
  if (inAddress !== seen) {
    setSeen(inAddress);
    setSelected(inAddress);
  }

  const select = useCallback(
    (id: number | null, options: { push?: boolean; status?: "pending" } = {}) => {
      setSelected(id);
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          if (id === null) after.delete("draft");
          else after.set("draft", String(id));
          if (options.status === "pending") after.delete("status");
          return after;
        },
        { replace: !options.push },
      );
    },
    [setParams],
  );
  return { selected, select };
}
