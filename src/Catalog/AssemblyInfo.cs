using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("AgentMesh.Catalog.Tests")]
