import type { CredentialField } from "@/api/types";
import { Field, INPUT } from "@/components/ui/field";
import { humanize } from "@/lib/format";

interface CredentialFieldsProps {
  fields: readonly CredentialField[];
  values: Readonly<Record<string, string>>;
  onChange: (values: Record<string, string>) => void;
}

/** What an account of a platform consists of, as the platform describes it. Secrets are typed unseen. */
export function CredentialFields({ fields, values, onChange }: CredentialFieldsProps) {
  return fields.map(({ name, description, is_secret, is_required }) => (
    <Field key={name} label={humanize(name)} hint={[description, !is_required && "May be left out"].filter(Boolean).join(". ") || undefined}>
      {(attributes) => (
        <input
          {...attributes}
          type={is_secret ? "password" : "text"}
          autoComplete={is_secret ? "new-password" : "off"}
          autoCapitalize="none"
          spellCheck={false}
          maxLength={4096}
          value={values[name] ?? ""}
          onChange={(event) => onChange({ ...values, [name]: event.target.value })}
          className={INPUT}
        />
      )}
    </Field>
  ));
}

/** Only what the platform knows and what was filled in: the server says what is missing. */
export function filledIn(fields: readonly CredentialField[], values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(fields.flatMap(({ name }) => (values[name] ? [[name, values[name]]] : [])));
}
