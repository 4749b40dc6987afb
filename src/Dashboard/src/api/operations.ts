/** What `GET /v1/cluster` and `/v1/activity` say of the machines. */

export interface DeviceView {
  readonly model: string;
  readonly device: string;
  readonly slots: number;
  readonly busy: number;
  readonly queued: number;
  readonly tokensPerSecond: number;
}

export interface SiloView {
  readonly name: string;
  readonly address: string;
  readonly status: "Joining" | "Active" | "Draining" | "Dead";
  readonly roles: readonly string[];
  readonly version: string;
  readonly startedAt?: string;
  readonly goals: number;
  readonly activations: number;
  readonly memoryBytes: number;
  readonly devices: readonly DeviceView[];
}

export interface ClusterView {
  readonly cluster: string;
  readonly silos: readonly SiloView[];
}

export interface GrainActivity {
  readonly type: string;
  readonly activations: number;
  readonly calls: number;
  readonly errors: number;
  readonly callsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly callsByBucket: readonly number[];
  readonly errorsByBucket: readonly number[];
}

export interface InferenceActivity {
  readonly model: string;
  readonly device: string;
  readonly slots: number;
  readonly batch: readonly number[];
  readonly tokensPerSecond: readonly number[];
  readonly queue: readonly number[];
}

export interface SiloActivity {
  readonly silo: string;
  readonly grains: readonly GrainActivity[];
  readonly inference: readonly InferenceActivity[];
  readonly memory: readonly number[];
  readonly queue: readonly number[];
}

export interface ActivityView {
  readonly from: string;
  /** A .NET time span: `00:00:01`. */
  readonly bucket: string;
  readonly silos: readonly SiloActivity[];
}
