import { type FormEvent, useState } from "react";
import { usePlatforms } from "@/api/list-platforms";
import { usePreviewQuery } from "@/api/preview-query";
import { messageOf } from "@/api/problem";
import { useProject } from "@/api/session";
import { platformName } from "@/components/lead/post-view";
import { Button } from "@/components/ui/button";
import { Field, INPUT, Select } from "@/components/ui/field";
import { EmptyState, ErrorState, Loading, Notice, Skeleton } from "@/components/ui/states";
import { Framed, ListSkeleton, SettingsSection } from "../section";
import { PreviewView } from "./preview-view";

export function QueriesTab() {
  const platforms = usePlatforms();
  const searchable = platforms.data?.filter(({ capabilities }) => capabilities.includes("search")).map(({ name }) => name) ?? [];
  return (
    <SettingsSection title="Try a query" about="What a query would find, before it stands in project.yaml. Ten posts are read, and count in the account’s budget; nothing is stored.">
      {platforms.isPending ? (
        <ListSkeleton what="platforms" rows={1} />
      ) : platforms.isError ? (
        <ErrorState error={platforms.error} what="the platforms" onRetry={() => void platforms.refetch()} />
      ) : searchable[0] ? (
        <Trial platforms={searchable} first={searchable[0]} />
      ) : (
        <EmptyState icon="plug" title="Nothing to search">
          No platform here can be searched.
        </EmptyState>
      )}
    </SettingsSection>
  );
}

function Trial({ platforms, first }: { platforms: string[]; first: string }) {
  const { slug } = useProject();
  const preview = usePreviewQuery(slug);
  const [platform, setPlatform] = useState(first);
  const [text, setText] = useState("");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    preview.mutate({ platform, text: text.trim() });
  };

  return (
    <>
      <form onSubmit={submit} className="flex flex-wrap items-start gap-3">
        <Field label="Platform" className="w-44 max-sm:w-full">
          {(attributes) => (
            <Select {...attributes} value={platform} onChange={(event) => setPlatform(event.target.value)}>
              {platforms.map((name) => (
                <option key={name} value={name}>
                  {platformName(name)}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Query" hint="In the platform’s own search language" className="min-w-0 grow basis-72">
          {(attributes) => <input {...attributes} required maxLength={4096} autoComplete="off" spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} className={INPUT} />}
        </Field>
        <Button type="submit" look="primary" icon="search" className="mt-5" disabled={preview.isPending || text.trim() === ""}>
          {preview.isPending ? "Asking…" : "Try it"}
        </Button>
      </form>
      {preview.isPending ? (
        <Framed>
          <Loading what="posts" className="flex flex-col gap-3 p-4">
            <Skeleton className="h-4 w-56" />
            <Skeleton className="h-16" />
            <Skeleton className="h-16" />
          </Loading>
        </Framed>
      ) : preview.isError ? (
        <Notice>{messageOf(preview.error)}</Notice>
      ) : preview.isSuccess ? (
        <PreviewView preview={preview.data} query={preview.variables} />
      ) : (
        <EmptyState icon="search" title="Nothing tried yet">
          You see ten posts, what the judge says of them, how many there are a day, and what a month costs.
        </EmptyState>
      )}
    </>
  );
}
