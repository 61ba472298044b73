using Microsoft.AspNetCore.Http;
using Sks.HkpAdapter.Pages;

namespace Sks.HkpAdapter.Http;

/// <summary>Every path and what answers it.</summary>
internal sealed class HkpRoutes : IDisposable
{
    private const string ReadMethods = "GET, HEAD, OPTIONS";
    private const string PostMethods = "POST, OPTIONS";
    private const string Robots = "User-agent: *\nDisallow: /pks/\n";

    private readonly HkpContext _hkp;
    private readonly WebFolder? _web;
    private readonly LookupHandler _lookup;
    private readonly StatisticsHandler _statistics;
    private readonly SubmissionHandler _submission;
    private readonly HashQueryHandler _hashQuery;

    public HkpRoutes(HkpContext hkp)
    {
        _hkp = hkp;
        _web = hkp.Options.WebDirectory.Length > 0 ? new WebFolder(hkp.Options.WebDirectory, hkp.Options.MaxWebFileBytes) : null;
        _statistics = new StatisticsHandler(hkp);
        _lookup = new LookupHandler(hkp, _statistics, new ExplainHandler(hkp));
        _submission = new SubmissionHandler(hkp);
        _hashQuery = new HashQueryHandler(hkp);
    }

    public void Dispose()
    {
        _submission.Dispose();
        _hashQuery.Dispose();
    }

    /// <summary>Answers a request.</summary>
    public Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        return _web?.Find(path) is { } file
            ? Read(context, context => WebFolder.SendAsync(context, file))
            : HandleAsync(context, path);
    }

    private Task HandleAsync(HttpContext context, string path) => path switch
    {
        "/pks/lookup" => Read(context, _lookup.HandleAsync),
        "/pks/add" => Post(context, _submission.HandleAsync),
        "/pks/hashquery" => Post(context, _hashQuery.HandleAsync),
        "/pks/stats" => Read(context, SendStatisticsAsync),
        "/" => Read(context, static context => Reply.SendPageAsync(context, StatusCodes.Status200OK, new HomePage())),
        "/robots.txt" => Read(context, static context => Reply.SendTextAsync(context, StatusCodes.Status200OK, Robots)),
        "/health/live" or "/pks/health" => Read(context, static context => Reply.SendTextAsync(context, StatusCodes.Status200OK, "OK\n")),
        "/health/ready" => Read(context, SendReadinessAsync),
        "" or "*" when HttpMethods.IsOptions(context.Request.Method) => SendOptionsAsync(context, "GET, HEAD, POST, OPTIONS"),
        _ => RefuseAsync(context, HkpProblems.NoSuchPage),
    };

    private Task Read(HttpContext context, Func<HttpContext, Task> answer)
    {
        string method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
            return answer(context);
        return HttpMethods.IsOptions(method)
            ? SendOptionsAsync(context, ReadMethods)
            : RefuseAsync(context, HkpProblems.MethodNotAllowed(ReadMethods));
    }

    private Task Post(HttpContext context, Func<HttpContext, Task> answer)
    {
        string method = context.Request.Method;
        if (HttpMethods.IsPost(method))
            return answer(context);
        return HttpMethods.IsOptions(method)
            ? SendOptionsAsync(context, PostMethods)
            : RefuseAsync(context, HkpProblems.MethodNotAllowed(PostMethods));
    }

    private Task RefuseAsync(HttpContext context, HkpProblem problem)
    {
        _hkp.Metrics.CountProblem(problem.Name);
        return Reply.SendProblemAsync(context, problem, forMachines: false);
    }

    private Task SendStatisticsAsync(HttpContext context) =>
        _statistics.HandleAsync(context, LookupRequest.Parse(context.Request.QueryString.Value ?? ""));

    private Task SendReadinessAsync(HttpContext context) => _hkp.Node.IsWritable
        ? Reply.SendTextAsync(context, StatusCodes.Status200OK, "OK\n")
        : RefuseAsync(context, HkpProblems.NotWritable);

    private static Task SendOptionsAsync(HttpContext context, string methods)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.Allow = methods;
        headers.AccessControlAllowMethods = methods;
        headers.AccessControlAllowHeaders = "*";
        headers.AccessControlMaxAge = "86400";
        if (methods == PostMethods)
            headers.Accept = "application/x-www-form-urlencoded, multipart/form-data, application/pgp-keys";
        return Reply.SendAsync(context, StatusCodes.Status200OK, Reply.PlainText, ReadOnlyMemory<byte>.Empty);
    }
}
