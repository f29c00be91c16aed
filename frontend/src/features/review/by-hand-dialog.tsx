import { useState } from "react";
import { useShownPreview } from "@/api/get-send-preview";
import { useTakeByHand } from "@/api/post-by-hand";
import { messageOf, statusOf } from "@/api/problem";
import { platformName } from "@/components/lead/post-view";
import { RuleSource } from "@/components/lead/rule-source";
import { SettleForm } from "@/components/lead/settle-form";
import { Button } from "@/components/ui/button";
import { Dialog, startHere } from "@/components/ui/dialog";
import { SafeLink, webAddress } from "@/components/ui/safe-link";
import { Notice } from "@/components/ui/states";
import { useToasts } from "@/components/ui/toast";
import { type ByHand, isCoolingDown } from "./by-hand";
import { copyText } from "./copy-text";
import { openPost } from "./open-post";
import { OverrideField } from "./override-field";

/** Takes a draft in hand, opens the platform's own box beside the text, and asks afterwards what became of it. */
export function ByHandDialog({ project, given, onClose }: { project: string; given: ByHand; onClose: () => void }) {
  const { draft, platform, text, reply } = given;
  const take = useTakeByHand(project);
  const toasts = useToasts();
  const [copied, setCopied] = useState(false);
  const [reason, setReason] = useState("");
  const refused = statusOf(take.error) === 409;
  const preview = useShownPreview(project, { enabled: refused });
  const cooling = refused && preview.data?.rows.some((row) => row.draft === draft && isCoolingDown(row));
  const there = platformName(platform);

  const begin = async () => {
    setCopied(await copyText(text));
    take.mutate({ draft, override: cooling ? reason.trim() : "" }, { onSuccess: ({ url }) => openPost(url) });
  };

  return (
    <Dialog title={`Post by hand at ${there}`} onClose={onClose}>
      <div className="flex flex-col gap-4 px-5 pt-1 pb-5">
        <p dir="auto" tabIndex={0} aria-label="Text to post" role="group" className="max-h-48 overflow-y-auto rounded-md bg-sunken px-3 py-2 break-words whitespace-pre-wrap thin-scroll">
          {take.data?.text ?? text}
        </p>
        {take.data ? (
          <>
            <p className="text-soft">
              {copied ? "The text is on your clipboard." : "The text could not be copied: take it from here."}{" "}
              {webAddress(take.data.url) ? (
                <>
                  Post it in the other tab, then come back.{" "}
                  <SafeLink url={take.data.url} className="font-medium text-accent-text underline underline-offset-2">
                    Open {there} again
                  </SafeLink>
                </>
              ) : (
                `Where to post it is not known: find the post at ${there}.`
              )}
            </p>
            <SettleForm
              project={project}
              draft={draft}
              byHand
              onSettled={(posted) => {
                toasts.show({ message: posted ? "Noted as sent." : "Noted: it was not posted." });
                onClose();
              }}
            />
          </>
        ) : (
          <>
            <p className="text-xs text-muted">
              {reply.rule} <RuleSource source={reply.source} readOn={reply.read_on} />
            </p>
            {take.isError && <Notice>{messageOf(take.error)}</Notice>}
            {cooling && <OverrideField value={reason} onChange={setReason} />}
            <div className="flex flex-wrap justify-end gap-2">
              <Button look="ghost" onClick={onClose}>
                Cancel
              </Button>
              <Button look="primary" ref={startHere} icon="copy" disabled={take.isPending || (cooling && reason.trim() === "")} onClick={() => void begin()}>
                {take.isPending ? "One moment…" : `Copy the text and open ${there}`}
              </Button>
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}
