// Arithmetic and settings shared by the baselines.

/** The smallest of the sorted values that at least `share` of them do not exceed. */
export function percentile(sorted, share) {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

export function round(value, digits = 2) {
  return Number(value.toFixed(digits));
}

/** What decides how much a commit costs; quoted beside every result. */
export async function serverSettings(client) {
  const { rows } = await client.query(
    `SELECT current_setting('server_version') AS server, current_setting('fsync') AS fsync,
            current_setting('synchronous_commit') AS "synchronousCommit",
            current_setting('wal_sync_method') AS "walSyncMethod"`);
  return rows[0];
}

export function requireDurable(settings) {
  if (settings.fsync !== 'on' || settings.synchronousCommit !== 'on') {
    throw new Error('The server must run with fsync=on and synchronous_commit=on, or the figures mean nothing.');
  }
}

export function positiveInteger(values, name) {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0.`);
  return value;
}
