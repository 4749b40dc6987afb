.DEFAULT_GOAL := help
.PHONY: help run dashboard cluster test crash cluster-suites cluster-crash bench bench-cluster bench-dashboard bench-inference wire fuzz bench-gateway

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

run: ## A real support goal, end to end, live in this terminal
	@samples/support/run

dashboard: ## Build the dashboard, which `agentmesh dev --http` and silos then serve under /
	@src/Dashboard/make

cluster: dashboard ## PostgreSQL, three silos and the API on this machine; the support sample through them
	@samples/cluster/run

test: ## Build and run every test
	@tests/run

fuzz: ## 10,000 requests that are nearly right; none may break the server (AGENTMESH_FUZZ_SEED for others)
	@AGENTMESH_FUZZ=$${AGENTMESH_FUZZ:-10000} dotnet run --project tests/Gateway.Tests -c Release -- --filter-class AgentMesh.Gateway.Tests.OpenApi.FuzzTests --output Detailed

crash: ## Kill the process 300 times while goals run; judged by the ticket service's log
	@tests/crash

cluster-suites: ## The engines' suite on three real processes, and on three silos over PostgreSQL; minutes
	@tests/cluster-suites

cluster-crash: ## Kill, freeze, cut off and restart real silos and their database; hours
	@tests/cluster-crash

bench: ## Durable goals per second beside LangGraph.js and DBOS Transact
	@bench/run

bench-cluster: ## One silo beside the single process; direct calls, idle agents, streams
	@bench/run-cluster

bench-inference: ## Our inference engine beside llama-batched-bench and llama-server
	@bench/run-inference

bench-dashboard: dashboard ## How quickly the dashboard answers over 100,000 goals and 10,000 events, in a real Chromium
	@[ -d tests/Dashboard/node_modules ] || npm ci --prefix tests/Dashboard --no-fund --no-audit --loglevel=error
	@dotnet build src/Cli -c Release --nologo -v q -clp:NoSummary && dotnet build samples/TicketService -c Release --nologo -v q -clp:NoSummary
	@node tests/Dashboard/speed.mjs

bench-gateway: ## What HTTP adds to a submit; a thousand followers over a restart of the gateway
	@bench/run-gateway

wire: ## Write down the cluster's wire contract; refuses what would break it
	@AGENTMESH_WIRE=$${AGENTMESH_WIRE:-write} dotnet run --project tests/Cluster -c Release -- --filter-class AgentMesh.Cluster.WireContract.ContractTests
