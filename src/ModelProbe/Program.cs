return AgentMesh.Inference.LlamaCpp.ModelProbe.Run(args, Console.Out);
