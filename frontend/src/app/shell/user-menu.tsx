import { useNavigate } from "react-router";
import { messageOf } from "@/api/problem";
import { useMe } from "@/api/session";
import { useSignOut } from "@/api/sign-out";
import { Icon } from "@/components/ui/icon";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "@/components/ui/menu";
import { useToasts } from "@/components/ui/toast";
import { cn } from "@/lib/cn";

export function UserMenu({ named = false }: { named?: boolean }) {
  const me = useMe();
  const signOut = useSignOut();
  const navigate = useNavigate();
  const toasts = useToasts();
  const leave = () =>
    signOut.mutate(undefined, {
      onSuccess: () => void navigate("/sign-in", { replace: true }),
      onError: (error) => toasts.show({ message: messageOf(error), tone: "bad" }),
    });
  return (
    <Menu
      trigger={
        <button
          type="button"
          title={me.name}
          className={cn("flex h-8 min-w-0 items-center gap-2 rounded-md text-soft transition-colors hover:bg-hover", named ? "grow px-2" : "w-8 justify-center")}
        >
          <Icon name="user" />
          <span className={named ? "truncate" : "sr-only"}>{me.name}</span>
        </button>
      }
    >
      <MenuLabel>
        Signed in as <span className="font-medium text-text">{me.username}</span>
      </MenuLabel>
      <MenuSeparator />
      <MenuItem icon="signOut" onSelect={leave}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
