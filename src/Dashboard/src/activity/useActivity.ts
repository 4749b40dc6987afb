import { useQuery } from "@tanstack/react-query";
import { get } from "../api/client";
import type { ActivityView, ClusterView } from "../api/operations";

const pollEvery = 2_000;

export const useCluster = () => useQuery({ queryKey: ["cluster"], queryFn: ({ signal }) => get<ClusterView>("/v1/cluster", undefined, signal), refetchInterval: pollEvery });

export const useActivity = (window: number) =>
  useQuery({
    queryKey: ["activity", window],
    queryFn: ({ signal }) => get<ActivityView>("/v1/activity", { window }, signal),
    refetchInterval: pollEvery,
    placeholderData: (before) => before,
  });
