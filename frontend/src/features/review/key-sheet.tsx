import { useState } from "react";
import { KeyHelp } from "@/components/key-help";
import { KeyEditor } from "./key-editor";
import { FIXED_KEYS, QUEUE_ACTIONS, useQueueKeys } from "./queue-keys";

/** All keys as they are mapped, and from there the way to change them. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const [keys] = useQueueKeys();
  const [changing, setChanging] = useState(false);
  if (changing) return <KeyEditor onClose={onClose} onBack={() => setChanging(false)} />;
  const mapped = QUEUE_ACTIONS.map(({ name, meaning }): [string, string] => [keys[name], meaning]);
  return <KeyHelp keys={[...mapped, ...FIXED_KEYS]} onClose={onClose} onChange={() => setChanging(true)} />;
}
