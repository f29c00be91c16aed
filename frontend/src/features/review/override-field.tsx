import { Field, INPUT } from "@/components/ui/field";

const LONGEST = 500;

/** Why somebody is answered again before they were left alone for long enough. */
export function OverrideField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <Field label="Why answer all the same?" hint="Kept with the delivery.">
      {(attributes) => <input {...attributes} required maxLength={LONGEST} autoComplete="off" value={value} onChange={(event) => onChange(event.target.value)} className={INPUT} />}
    </Field>
  );
}
