import { Link } from "@tanstack/react-router";
import type { GoalView } from "../api/types";
import { RequestCard } from "../approvals/RequestCard";
import { agentName } from "../journal/agents";
import { Fact, Facts, Section } from "../parts/Page";
import { Empty } from "../parts/States";
import { parseSpan } from "../journal/time";
import { duration, plural } from "../parts/format";
import { Chips } from "../parts/Chips";
import { Icon } from "../parts/Icon";
import { ArtifactCard } from "./artifact/ArtifactCard";
import { StepProgressList } from "./StepProgressList";
import { UsageMeters } from "./UsageMeters";
import type { GoalMoment } from "./useGoal";

export function OverviewTab({ moment }: { moment: GoalMoment }) {
  const { view, isNow } = moment;
  const asked = [...view.openApprovals, ...view.openQuestions];
  const results = view.result.flatMap((id) => view.artifacts.find((a) => a.id === id) ?? []);
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-w-0 flex-col gap-4">
        {asked.length > 0 && (
          <Section title={isNow ? "It waits for you" : "It waited for a person"}>
            <div className="flex flex-col gap-4">
              {view.openApprovals.map((approval) => (
                <RequestCard key={approval.request} goal={view.goal} approval={approval} by={askerOf(view, approval.step)} readOnly={!isNow} />
              ))}
              {view.openQuestions.map((question) => (
                <RequestCard key={question.request} goal={view.goal} question={question} by={askerOf(view, question.step)} readOnly={!isNow} />
              ))}
            </div>
          </Section>
        )}
        {view.warnings.length > 0 && (
          <Section title="Warnings">
            <ul className="flex flex-col gap-2">
              {view.warnings.map((warning, n) => (
                <li key={n} className="flex gap-2 text-amber">
                  <Icon name="warning" />
                  <span className="min-w-0">{warning}</span>
                </li>
              ))}
            </ul>
          </Section>
        )}
        <Section title="Result">
          {results.length > 0 ? (
            <div className="flex flex-col gap-4">
              {results.map((artifact) => (
                <ArtifactCard key={artifact.id} goal={view.goal} artifact={artifact} />
              ))}
            </div>
          ) : view.endedAt ? (
            <Empty title={view.status === "Completed" ? "It delivered nothing" : `It ended ${view.status.toLowerCase()}`}>
              {view.reason} <Why goal={view.goal} />
            </Empty>
          ) : (
            <Empty title="Not there yet">What the goal delivers appears here by itself. The plan and the timeline show how far it is.</Empty>
          )}
        </Section>
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Section title="Steps">
          <StepProgressList view={view} />
        </Section>
        <Section title="Usage and budget">
          <UsageMeters view={view} />
        </Section>
        <Section title="Facts">
          <GoalFacts moment={moment} />
        </Section>
      </div>
    </div>
  );
}

function askerOf(view: GoalView, id: string | undefined): string | undefined {
  const step = view.steps.find((s) => s.step === id);
  return agentName(view.goal, step?.agent) ?? step?.role;
}

const Why = ({ goal }: { goal: string }) => (
  <Link to="/goals/$goal" params={{ goal }} search={(s) => ({ ...s, tab: "why" as const })} className="text-accent underline">
    See why
  </Link>
);

function GoalFacts({ moment: { view } }: { moment: GoalMoment }) {
  const { spec } = view;
  const inputs = view.artifacts.filter((a) => !a.origin.step);
  const tiers = Object.entries(view.tiers).map(([tier, steps]) => `${tier}: ${plural(steps, "step")}`);
  return (
    <Facts>
      <Fact name="Files">
        {inputs.length === 0
          ? "–"
          : inputs.map((a) => (
              <Link key={a.id} to="/goals/$goal" params={{ goal: view.goal }} search={(s) => ({ ...s, tab: "artifacts" as const, artifact: a.id })} className="block text-accent underline">
                {a.origin.source ?? a.id}
              </Link>
            ))}
      </Fact>
      <Fact name="Answered by">
        <Chips items={tiers} />
      </Fact>
      <Fact name="Consent">{{ Ask: "a person is asked", Auto: "given in advance", Never: "never given" }[spec.constraints.approvals]}</Fact>
      {spec.fork && (
        <Fact name="Forked from">
          <Link to="/goals/$goal" params={{ goal: spec.fork.goal }} search={{ tab: "plan", step: spec.fork.step }} className="break-all text-accent underline">
            {spec.fork.goal}
          </Link>
          , step {spec.fork.step}
        </Fact>
      )}
      {spec.playbook && <Fact name="Playbook">{spec.playbook}</Fact>}
      {spec.wants.length > 0 && (
        <Fact name="Wants">
          <Chips items={spec.wants} />
        </Fact>
      )}
      <Fact name="Knowledge">{spec.knowledge.length > 0 ? spec.knowledge.join(", ") : "all of the tenant's"}</Fact>
      <Fact name="Deadline">{spec.constraints.timeout ? `${duration(parseSpan(spec.constraints.timeout) * 1000)} after it was submitted` : "none"}</Fact>
      <Fact name="Limits">
        {plural(spec.constraints.maxSteps, "step")}, {plural(spec.constraints.maxReplans, "replan")}, depth {spec.constraints.maxDepth}
      </Fact>
    </Facts>
  );
}
