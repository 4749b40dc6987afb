import { Link } from "@tanstack/react-router";
import { Page } from "../parts/Page";
import { Empty, Failure } from "../parts/States";

export function UnknownPage() {
  return (
    <Page title="No such page">
      <div className="panel">
        <Empty
          title="There is no page at this address"
          action={
            <Link to="/goals" className="text-accent underline">
              Go to the goals
            </Link>
          }
        >
          The link may be of another version of the dashboard.
        </Empty>
      </div>
    </Page>
  );
}

export function BrokenPage({ error }: { error: unknown }) {
  return (
    <Page title="Something broke">
      <div className="panel">
        <Failure what="This page cannot be shown" error={error} retry={() => location.reload()} />
      </div>
    </Page>
  );
}
