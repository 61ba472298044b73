using System.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Sks.Admin.V1;
using Sks.Grpc.Peers;
using Sks.Node;
using Sks.OpenPgp;
using CheckReport = Sks.Node.CheckReport;
using ExplainedPacket = Sks.Admin.V1.ExplainedPacket;

namespace Sks.Grpc;

/// <summary><c>sks.admin.v1.AdminService</c> over a node.</summary>
/// <param name="node">The node.</param>
/// <param name="peers">What deals with peers; null in a process that has the node open for a single verb.</param>
/// <param name="mail">What keeps mails; null where none are taken in.</param>
/// <param name="time">The clock.</param>
/// <param name="lifetime">Tells when the listener stops.</param>
internal sealed partial class AdminGrpcService(KeyserverNode node, PeerServer? peers, IMailIntake? mail, TimeProvider time, IHostApplicationLifetime lifetime)
    : AdminService.AdminServiceBase
{
    private const int MaxPacketsPerResponse = 512;

    private static readonly string SoftwareVersion =
        typeof(AdminGrpcService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    private NodeId Self => node.Restrictions.Origin;

    public override Task<GetStatsResponse> GetStats(GetStatsRequest request, ServerCallContext context)
    {
        NodeStatistics statistics = node.GetStatistics();
        var response = new GetStatsResponse
        {
            Time = Timestamp.FromDateTimeOffset(statistics.Time),
            SoftwareVersion = SoftwareVersion,
            CertificateCount = (ulong)statistics.Certificates,
            Cursor = statistics.Cursor.ToMessage(),
            Writable = statistics.IsWritable,
            PolicyVersion = (uint)statistics.ServedPolicy,
            NodeId = Self.ToBytes(),
        };
        if (peers is not null)
            response.PeerAddresses.AddRange(peers.Addresses.Select(static address => address.ToString()));
        if (statistics.Migration != default)
            response.ViewMigration = new ViewMigration { Done = (ulong)statistics.Migration.Done, Total = (ulong)statistics.Migration.Total };
        response.LeftOut.AddRange(statistics.LeftOut.OrderBy(static row => row.Key).Select(static row => new LeftOutCount
        {
            Reason = row.Key.ToMessage(),
            Count = (ulong)row.Value,
        }));
        response.Outcomes.AddRange(statistics.Outcomes.Where(static row => row.Value > 0).Select(static row => new OutcomeCount
        {
            Source = row.Key.Source.ToMessage(),
            Result = row.Key.Result.ToMessage(),
            Count = (ulong)row.Value,
        }));
        response.Rejections.AddRange(statistics.Rejections.Where(static row => row.Value > 0).Select(static row => new RejectionCount
        {
            Reason = row.Key.ToMessage(),
            Count = (ulong)row.Value,
        }));
        response.History.AddRange(statistics.History.Select(static hour => new HourlyChangeCount
        {
            Hour = Timestamp.FromDateTimeOffset(hour.Hour),
            Added = (ulong)hour.Added,
            Updated = (ulong)hour.Updated,
        }));
        return Task.FromResult(response);
    }

    public override async Task Import(
        IAsyncStreamReader<ImportRequest> requestStream, IServerStreamWriter<ImportResponse> responseStream, ServerCallContext context)
    {
        using var end = new CallEnd(context, lifetime.ApplicationStopping);
        var tally = new ImportTally();
        using var call = new ImportCall(node.Submissions, tally, end);
        Task<ImportSummary> reading = call.RunAsync(requestStream);
        try
        {
            ImportSummary summary = await PeriodicReport.WhileAsync(reading, time, ReportAsync).ConfigureAwait(false);
            await responseStream.WriteAsync(new ImportResponse { Summary = summary }, context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            end.Fail(e);
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        Task ReportAsync() =>
            responseStream.WriteAsync(new ImportResponse { Progress = tally.GetProgress() }, context.CancellationToken);
    }

    public override async Task Dump(DumpRequest request, IServerStreamWriter<DumpResponse> responseStream, ServerCallContext context)
    {
        ServedView view = request.View switch
        {
            DumpView.Unspecified or DumpView.Full => ServedView.Full,
            DumpView.Clean => ServedView.Clean,
            _ => throw ServiceError.InvalidField("view", "There is no such view."),
        };

        if (request.After is not null && request.Since is not null)
            throw ServiceError.InvalidField("since", "Not together with after.");

        // The cursor is taken before the snapshot, so that whoever watches from it sees a change twice rather than never.
        var response = new DumpResponse
        {
            Cursor = node.Changes.Current.ToMessage(),
            EstimatedCertificateCount = (ulong)node.GetStatistics().Certificates,
        };
        IReadOnlyCollection<CertificateIdentity>? changed = request switch
        {
            { After: { } after } => node.FindChanged(after.ToCursor()),
            { Since: { } since } => node.FindChanged(since.ToDateTimeOffset()),
            _ => null,
        };
        if (changed is not null)
            response.EstimatedCertificateCount = (ulong)changed.Count;
        await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);

        var batch = new CertificateBatch();
        foreach (ServedCertificate certificate in changed is null ? node.ReadForDump(view, context.CancellationToken) : node.ReadForDump(view, changed))
        {
            if (!batch.HasRoomFor(certificate, withData: true))
                await WriteAsync().ConfigureAwait(false);
            batch.Add(certificate, withData: true);
        }

        if (!batch.IsEmpty)
            await WriteAsync().ConfigureAwait(false);

        async Task WriteAsync()
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                throw ServiceError.ShuttingDown();
            var next = new DumpResponse { Certificates = { batch.Take() } };
            await responseStream.WriteAsync(next, context.CancellationToken).ConfigureAwait(false);
        }
    }

    public override async Task Check(CheckRequest request, IServerStreamWriter<CheckResponse> responseStream, ServerCallContext context)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        var progress = new LatestCount();
        Task<CheckReport> checking = Task.Run(() => node.CheckAsync(request.Repair, progress, end.Token), end.Token);
        try
        {
            CheckReport report = await PeriodicReport.WhileAsync(checking, time, ReportAsync).ConfigureAwait(false);
            var message = new Admin.V1.CheckReport
            {
                CertificatesChecked = (ulong)report.Certificates,
                DifferenceCount = (ulong)report.DifferenceCount,
                Differences = { report.Differences },
                Repaired = report.Repaired,
            };
            await responseStream.WriteAsync(new CheckResponse { Report = message }, context.CancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await end.CancelAsync().ConfigureAwait(false);
            await ((Task)checking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        Task ReportAsync()
        {
            var message = new CheckResponse { Progress = new CheckProgress { CertificatesChecked = (ulong)progress.Value } };
            return responseStream.WriteAsync(message, context.CancellationToken);
        }
    }

    public override async Task Explain(ExplainRequest request, IServerStreamWriter<ExplainResponse> responseStream, ServerCallContext context)
    {
        Fingerprint fingerprint = request.ReadFingerprint();
        IReadOnlyList<CertificateExplanation> explanations = node.Query.Explain(fingerprint);
        if (explanations.Count == 0)
            throw ServiceError.NotFound("fingerprint/" + fingerprint);

        foreach (CertificateExplanation explanation in explanations)
        {
            var response = new ExplainResponse { Certificate = explanation.ToMessage(), Digests = { explanation.Digests.Select(static named => named.ToMessage()) } };
            foreach (ExplainedPacket[] packets in explanation.Packets.Select(static packet => packet.ToMessage()).Chunk(MaxPacketsPerResponse))
            {
                response.Packets.AddRange(packets);
                await responseStream.WriteAsync(response, context.CancellationToken).ConfigureAwait(false);
                response = new ExplainResponse();
            }
        }
    }

    // Unlike Progress<T>, which posts: the last value is the only one of interest.
    private sealed class LatestCount : IProgress<long>
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Report(long value) => Interlocked.Exchange(ref _value, value);
    }
}
