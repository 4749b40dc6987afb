using AgentMesh.Cli;

return await Application.Run(args, AgentMesh.Cli.Output.Terminal.Standard());
