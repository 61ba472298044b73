using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sks.HkpAdapter.Http;

/// <summary>Counts what the web server refuses by itself, because it is no HTTP, before any handler sees it.</summary>
internal sealed class BadRequestCounter(HkpMetrics metrics) : IObserver<KeyValuePair<string, object?>>
{
    /// <summary>The event by which the web server tells of it.</summary>
    public const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    public void OnNext(KeyValuePair<string, object?> value)
    {
        int status = (value.Value as IFeatureCollection)?.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error
            ? error.StatusCode
            : StatusCodes.Status400BadRequest;
        metrics.CountRequest(status);
        metrics.CountProblem("bad-http");
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
