import type { DeviceView, SiloView } from "../api/operations";
import { bytes, count, decimal } from "../parts/format";
import { Badge, type Colour } from "../parts/StatusBadge";
import { Table } from "../parts/Table";
import { Ago } from "../parts/Time";

const colours: Record<SiloView["status"], Colour> = { Joining: "violet", Active: "green", Draining: "amber", Dead: "red" };

export function SiloTable({ silos }: { silos: readonly SiloView[] }) {
  return (
    <Table
      label="Silos"
      rows={silos}
      keyOf={(s) => `${s.name} ${s.address}`}
      columns={[
        { title: "Name", cell: (s) => <strong className="font-medium">{s.name}</strong> },
        { title: "State", cell: (s) => <Badge colour={colours[s.status]} text={s.status} /> },
        { title: "Roles", cell: (s) => s.roles.join(", ") },
        { title: "Address", cell: (s) => <span className="font-mono text-xs whitespace-nowrap">{s.address}</span> },
        { title: "Started", cell: (s) => (s.startedAt ? <Ago at={s.startedAt} /> : "–") },
        { title: "Goals", number: true, cell: (s) => count(s.goals) },
        { title: "Activations", number: true, cell: (s) => count(s.activations) },
        { title: "Memory", number: true, cell: (s) => <span className="whitespace-nowrap">{bytes(s.memoryBytes)}</span> },
        { title: "Version", cell: (s) => <span className="font-mono text-xs">{s.version}</span> },
      ]}
    />
  );
}

export function DeviceTable({ silos }: { silos: readonly SiloView[] }) {
  const devices = silos.flatMap((s) => s.devices.map((device) => ({ silo: s.name, device })));
  if (devices.length === 0)
    return (
      <p className="max-w-prose p-4 text-dim">
        No models are configured. Rules still answer what they can. Name a model server by the setting <code className="font-mono">AGENTMESH_MODEL_URL</code>, or give silos the role inference.
      </p>
    );
  return (
    <Table
      label="Inference devices"
      rows={devices}
      keyOf={({ silo, device }) => `${silo} ${device.model} ${device.device}`}
      columns={[
        { title: "Model", cell: ({ device }) => <strong className="font-medium">{device.model}</strong> },
        { title: "Device", cell: ({ device }) => device.device },
        { title: "Silo", cell: ({ silo }) => silo },
        { title: "Slots", cell: ({ device }) => <Slots device={device} /> },
        { title: "Queue", number: true, cell: ({ device }) => count(device.queued) },
        { title: "Tokens/s", number: true, cell: ({ device }) => decimal(device.tokensPerSecond, 1) },
      ]}
    />
  );
}

function Slots({ device: { busy, slots } }: { device: DeviceView }) {
  return (
    <span className="flex items-center gap-2 whitespace-nowrap">
      <span role="meter" aria-label="Busy slots" aria-valuemin={0} aria-valuemax={slots} aria-valuenow={busy} className="inline-block h-2 w-24 overflow-hidden rounded bg-sunken">
        <span className="block h-full bg-accent" style={{ width: `${slots > 0 ? (busy / slots) * 100 : 0}%` }} />
      </span>
      <span className="tabular-nums">
        {busy} of {slots}
      </span>
    </span>
  );
}
