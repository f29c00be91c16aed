import { type FormEvent, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { messageOf, Problem } from "@/api/problem";
import { useSignIn } from "@/api/sign-in";
import { Button } from "@/components/ui/button";
import { Field, TALL_INPUT } from "@/components/ui/field";
import { Logo } from "@/components/ui/logo";
import { Notice } from "@/components/ui/states";
import { cn } from "@/lib/cn";
import { useTitle } from "@/lib/use-title";
import { safeNext } from "./safe-next";

export function SignInPage() {
  useTitle("Sign in");
  const signIn = useSignIn();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const password = useRef<HTMLInputElement>(null);
  const [shown, setShown] = useState(false);
  const next = safeNext(search.get("next"));

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signIn.mutate(
      { username: String(form.get("username")), password: String(form.get("password")) },
      {
        onSuccess: () => void navigate(next, { replace: true }),
        onError: () => {
          password.current?.focus();
          password.current?.select();
        },
      },
    );
  };

  return (
    <main className="flex min-h-full flex-col items-center justify-center p-4">
      <div className="w-full max-w-85">
        <div className="mb-6 flex flex-col items-center gap-3 text-center">
          <Logo className="size-11" />
          <h1 className="text-xl font-semibold tracking-tight">Sign in to SignalOps</h1>
        </div>
        <form onSubmit={submit} className="flex flex-col gap-4 rounded-xl border border-line bg-surface p-6 shadow-1">
          {search.has("next") && !signIn.isError && <p className="text-muted">Sign in to go on where you were.</p>}
          {signIn.isError && <Notice>{explain(signIn.error)}</Notice>}
          <Field label="User name">
            {(attributes) => (
              <input {...attributes} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus required maxLength={150} className={TALL_INPUT} />
            )}
          </Field>
          <Field label="Password">
            {(attributes) => (
              <span className="relative block">
                <input {...attributes} ref={password} name="password" type={shown ? "text" : "password"} autoComplete="current-password" required className={cn(TALL_INPUT, "pr-15")} />
                <button
                  type="button"
                  aria-pressed={shown}
                  aria-label="Show password"
                  onClick={() => setShown(!shown)}
                  className="absolute inset-y-1 right-1 rounded-sm px-2 text-xs font-medium text-muted hover:text-text"
                >
                  {shown ? "Hide" : "Show"}
                </button>
              </span>
            )}
          </Field>
          <Button type="submit" look="primary" className="mt-1 h-9" disabled={signIn.isPending}>
            {signIn.isPending ? "Signing in…" : "Sign in"}
          </Button>
        </form>
      </div>
    </main>
  );
}

function explain(error: unknown): string {
  if (error instanceof Problem && error.status === 429) {
    const wait = error.retryAfter ? ` Try again in ${error.retryAfter} seconds.` : " Wait a minute and try again.";
    return `Too many attempts.${wait}`;
  }
  return messageOf(error);
}
