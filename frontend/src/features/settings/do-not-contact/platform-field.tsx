import { usePlatforms } from "@/api/list-platforms";
import { platformName } from "@/components/lead/post-view";
import { Field, Select } from "@/components/ui/field";

/** Which platform a name is of. */
export function PlatformField({ value, onChoose, anyLabel }: { value: string; onChoose: (platform: string) => void; anyLabel?: string }) {
  const names = usePlatforms().data?.map(({ name }) => name) ?? [];
  return (
    <Field label="Platform">
      {(attributes) => (
        <Select {...attributes} required={anyLabel === undefined} value={value} onChange={(event) => onChoose(event.target.value)}>
          <option value="">{anyLabel ?? "Choose one"}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {platformName(name)}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
