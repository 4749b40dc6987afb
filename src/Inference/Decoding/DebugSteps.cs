namespace AgentMesh.Inference.Decoding; public static class DebugSteps { public static List<(double Ms, int Gm, int Gc, int Pm, int Pc)> Debug { get; } = []; }
