using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sks.Node;

namespace Sks.Grpc;

/// <summary>Serving means that submissions can be stored. Look-ups work while they cannot.</summary>
internal sealed class StoreHealthCheck(KeyserverNode node) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.IsWritable ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
}
