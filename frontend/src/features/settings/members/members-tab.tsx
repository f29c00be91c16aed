import { useState } from "react";
import { useMembers } from "@/api/list-members";
import { useProject } from "@/api/session";
import { Button } from "@/components/ui/button";
import { EmptyState, ErrorState } from "@/components/ui/states";
import { ColumnHeads, Framed, ListSkeleton, SettingsSection, ShowMore } from "../section";
import { AddMemberDialog } from "./add-member-dialog";
import { MEMBER_ROW, MemberRow } from "./member-row";

export function MembersTab() {
  const { slug, name } = useProject();
  const members = useMembers(slug);
  const [adding, setAdding] = useState(false);
  const rows = members.data?.pages.flatMap((page) => page.results) ?? [];
  return (
    <SettingsSection
      title="Members"
      about={`Who works on ${name}, and what each may do. Accounts are made by a superuser; here they join this project.`}
      action={
        <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
          Add member
        </Button>
      }
    >
      {members.isPending ? (
        <ListSkeleton what="members" />
      ) : members.isError && rows.length === 0 ? (
        <ErrorState error={members.error} what="the members" onRetry={() => void members.refetch()} />
      ) : rows.length === 0 ? (
        <EmptyState icon="people" title="No members yet">
          Only superusers see this project. Add somebody by their user name.
        </EmptyState>
      ) : (
        <Framed>
          <ColumnHeads className={MEMBER_ROW} names={["Name", "Role", "Since", ""]} />
          <ul aria-label="Members">
            {rows.map((member) => (
              <MemberRow key={member.id} project={slug} member={member} />
            ))}
          </ul>
          <ShowMore list={members}>Show more members</ShowMore>
        </Framed>
      )}
      {adding && <AddMemberDialog project={slug} onClose={() => setAdding(false)} />}
    </SettingsSection>
  );
}
