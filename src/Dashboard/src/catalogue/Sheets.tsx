import type { Playbook, RoleDescriptor, ToolDescriptor } from "../api/catalogue";
import { parseSpan } from "../journal/time";
import { Chips } from "../parts/Chips";
import { duration, plural } from "../parts/format";
import { JsonView } from "../parts/JsonView";
import { Fact, Facts, Section } from "../parts/Page";
import { Badge, type Colour } from "../parts/StatusBadge";
import { Table } from "../parts/Table";

const limit = (span: string): string => duration(parseSpan(span) * 1000);

export function RoleSheet({ role }: { role: RoleDescriptor }) {
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Section title={role.name}>
        <p className="mb-4 max-w-prose">{role.purpose}</p>
        <Facts>
          <Fact name="Model">{{ None: "none: rules alone", Small: "a small one", Large: "a large one" }[role.model]}</Fact>
          <Fact name="Tools">
            <Chips items={role.tools} none="none" />
          </Fact>
          <Fact name="Sure enough at">{role.minConfidence.toFixed(2)}, below it the next tier is asked</Fact>
          <Fact name="Turns">{role.maxIterations} an attempt</Fact>
          <Fact name="Time">{limit(role.timeout)} an attempt</Fact>
        </Facts>
        {role.prompt && (
          <details className="mt-4">
            <summary className="font-medium">Prompt</summary>
            <pre className="mt-2 max-w-prose rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap">{role.prompt}</pre>
          </details>
        )}
      </Section>
      {role.capabilities.length > 0 && (
        <Section title={plural(role.capabilities.length, "capability", "capabilities")} flush>
          <Table
            label="Capabilities"
            rows={role.capabilities}
            keyOf={(c) => c.name}
            columns={[
              { title: "Name", cell: (c) => <strong className="font-medium">{c.name}</strong> },
              { title: "Needs", cell: (c) => <Chips items={c.consumes} none="nothing" /> },
              { title: "Takes", cell: (c) => <Chips items={c.uses} /> },
              { title: "Makes", cell: (c) => <Chips items={[c.produces]} /> },
              { title: "Told", cell: (c) => <span className="block min-w-56">{c.instruction}</span> },
            ]}
          />
        </Section>
      )}
    </div>
  );
}

const effects: Record<ToolDescriptor["effect"], { colour: Colour; text: string; note: string }> = {
  Pure: { colour: "green", text: "changes nothing", note: "may be repeated freely" },
  Idempotent: { colour: "amber", text: "changes something, once a key", note: "repeated with the same key after a crash" },
  Once: { colour: "red", text: "changes something each time", note: "never repeated blindly; a person is asked when nobody can tell" },
};

const consents: Record<ToolDescriptor["approval"], string> = { Never: "never asked", WhenUntrusted: "asked when an argument comes from untrusted text", Always: "always asked" };

export function ToolSheet({ tool }: { tool: ToolDescriptor }) {
  const effect = effects[tool.effect];
  return (
    <Section title={tool.name}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose">{tool.description}</p>
        <Facts>
          <Fact name="Effect">
            <Badge colour={effect.colour} text={effect.text} /> <span className="text-dim">{effect.note}</span>
          </Fact>
          <Fact name="Consent">{consents[tool.approval]}</Fact>
          <Fact name="Returns">{{ Untrusted: "untrusted text from outside", User: "the submitter's words", Trusted: "trusted values" }[tool.returns]}</Fact>
          <Fact name="Time">{limit(tool.timeout)} a call</Fact>
        </Facts>
        <div className="grid gap-4 xl:grid-cols-2">
          <div className="min-w-0">
            <h3 className="mb-1 font-semibold">Arguments</h3>
            <JsonView value={tool.parameters} />
          </div>
          {tool.result !== undefined && (
            <div className="min-w-0">
              <h3 className="mb-1 font-semibold">Result</h3>
              <JsonView value={tool.result} />
            </div>
          )}
        </div>
      </div>
    </Section>
  );
}

export function PlaybookSheet({ playbook }: { playbook: Playbook }) {
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <Section title={playbook.name}>
        <p className="mb-4 max-w-prose">{playbook.description}</p>
        <Facts>
          <Fact name="Spoken for by">
            <Chips items={playbook.triggers} none="nothing: it is chosen by name" />
          </Fact>
          <Fact name="Needs">
            <Chips items={playbook.requires} none="nothing" />
          </Fact>
          <Fact name="Delivers">
            <Chips items={playbook.deliver.length > 0 ? playbook.deliver : playbook.steps.slice(-1).map((s) => s.id)} />
          </Fact>
        </Facts>
      </Section>
      <Section title={plural(playbook.steps.length, "step")} flush>
        <Table
          label="Steps"
          rows={playbook.steps}
          keyOf={(s) => s.id}
          columns={[
            { title: "Step", cell: (s) => <strong className="font-medium">{s.id}</strong> },
            { title: "Role", cell: (s) => s.role },
            { title: "Reads", cell: (s) => <Chips items={s.inputs} /> },
            { title: "Makes", cell: (s) => <Chips items={[s.produces]} /> },
            {
              title: "Told",
              cell: (s) => (
                <span className="block min-w-56">
                  {s.instruction ?? "what its role says"}
                  {s.when && <code className="block font-mono text-xs text-dim">when {s.when}</code>}
                  {s.optional && <span className="block text-xs text-dim">optional</span>}
                </span>
              ),
            },
          ]}
        />
      </Section>
    </div>
  );
}
