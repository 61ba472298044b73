using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sks.Storage;

namespace Sks.HkpAdapter.Http;

/// <summary>What the web server hands requests to: no middleware, no logging of requests, one context object per connection.</summary>
internal sealed class HkpApplication(HkpContext hkp, HkpRoutes routes) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        if (contextFeatures is IHostContextContainer<HttpContext> container)
        {
            if (container.HostContext is DefaultHttpContext reused)
            {
                reused.Initialize(contextFeatures);
                return reused;
            }

            container.HostContext = new DefaultHttpContext(contextFeatures);
            return container.HostContext;
        }

        return new DefaultHttpContext(contextFeatures);
    }

    public Task ProcessRequestAsync(HttpContext context)
    {
        Task answering;
        try
        {
            Reply.SetCommonHeaders(context.Response);
            answering = routes.HandleAsync(context);
        }
        catch (Exception error)
        {
            answering = Task.FromException(error);
        }

        return answering.IsCompletedSuccessfully ? answering : AwaitAsync(context, answering);
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        hkp.Metrics.CountRequest(context.Response.StatusCode);
        (context as DefaultHttpContext)?.Uninitialize();
    }

    private async Task AwaitAsync(HttpContext context, Task answering)
    {
        try
        {
            await answering;
        }
        catch (Exception error) when (error is ConnectionResetException or ConnectionAbortedException)
        {
            // The client has gone; nobody is left to be told.
        }
        catch (BadHttpRequestException error)
        {
            await AnswerAsync(context, error.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => HkpProblems.RequestTimeout,
                StatusCodes.Status413PayloadTooLarge => HkpProblems.RequestTooLarge,
                _ => HkpProblems.BadRequest,
            });
        }
        catch (StorageException error)
        {
            HkpLog.StoreFailed(hkp.Logger, error.Kind);
            await AnswerAsync(context, error.Kind switch
            {
                StorageErrorKind.NotWritable => HkpProblems.NotWritable,
                StorageErrorKind.Closed => HkpProblems.Stopping,
                _ => HkpProblems.InternalError,
            });
        }
        catch (Exception error)
        {
            // The message might quote what the client sent.
            HkpLog.RequestFailed(hkp.Logger, KnownPath(context), error.GetType().Name, Environment.NewLine + error.StackTrace);
            await AnswerAsync(context, HkpProblems.InternalError);
        }
    }

    private async Task AnswerAsync(HttpContext context, HkpProblem problem)
    {
        hkp.Metrics.CountProblem(problem.Name);
        if (context.Response.HasStarted)
        {
            // Too late to say anything: a cut-off body must not look complete.
            context.Abort();
            return;
        }

        context.Response.Clear();
        Reply.SetCommonHeaders(context.Response);
        try
        {
            bool forMachines = LookupRequest.Parse(context.Request.QueryString.Value ?? "").IsForMachines;
            await Reply.SendProblemAsync(context, problem, forMachines);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or BadHttpRequestException)
        {
            context.Abort();
        }
    }

    private static string KnownPath(HttpContext context) => context.Request.Path.Value switch
    {
        "/pks/lookup" => "/pks/lookup",
        "/pks/add" => "/pks/add",
        "/pks/hashquery" => "/pks/hashquery",
        _ => "another path",
    };
}
