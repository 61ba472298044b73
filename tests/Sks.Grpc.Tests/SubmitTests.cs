using System.Text;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Sks.Keys.V1;

namespace Sks.Grpc.Tests;

public class SubmitTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outcomes_come_while_the_client_is_still_sending()
    {
        await using TestServer server = await TestServer.StartAsync();
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended);
        TestCertificate certificate = TestCertificate.Create(1);

        foreach (SubmissionResult expected in (SubmissionResult[])[SubmissionResult.Added, SubmissionResult.Unchanged])
        {
            await call.RequestStream.WriteAsync(new SubmitRequest { RequestId = 5, Data = ByteString.CopyFrom(certificate.Data) }, Ended);
            (List<SubmissionOutcome> outcomes, ulong id) = await ReadAnswerAsync(call);

            Assert.Equal(5ul, id);
            SubmissionOutcome outcome = Assert.Single(outcomes);
            Assert.Equal(expected, outcome.Result);
            Assert.Equal(RejectionReason.Unspecified, outcome.Reason);
            Assert.Equal(certificate.Fingerprint, outcome.Fingerprint.ToByteArray());
            Assert.Equal(certificate.Digest, outcome.SksDigest.ToByteArray());
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(Ended));
    }

    [Fact]
    public async Task Something_new_for_a_stored_certificate_is_an_update_and_counts_as_from_grpc()
    {
        await using TestServer server = await TestServer.StartAsync();
        await server.StoreAsync(TestCertificate.Create(1, "first"));

        Dictionary<ulong, List<SubmissionOutcome>> answers = await SubmitAsync(server, TestCertificate.Create(1, "second").Data);

        Assert.Equal(SubmissionResult.Updated, Assert.Single(answers[0]).Result);
        Assert.Equal(1, server.Node.GetStatistics().Outcomes[(Storage.ChangeSource.Grpc, Sks.Node.SubmissionResult.Updated)]);
    }

    [Fact]
    public async Task Armored_and_binary_keyrings_of_several_certificates_are_answered_in_their_order()
    {
        await using TestServer server = await TestServer.StartAsync();
        TestCertificate[] certificates = [.. Enumerable.Range(1, 600).Select(n => TestCertificate.Create(n))];
        byte[] binary = [.. certificates.SelectMany(certificate => certificate.Data)];
        byte[] armored = Armor(TestCertificate.CreateKeyring(1000, 2));

        Dictionary<ulong, List<SubmissionOutcome>> answers = await SubmitAsync(server, binary, armored);

        Assert.Equal(certificates.Select(certificate => ByteString.CopyFrom(certificate.Fingerprint)), answers[0].Select(outcome => outcome.Fingerprint));
        Assert.All(answers[0], outcome => Assert.Equal(SubmissionResult.Added, outcome.Result));
        Assert.Equal(2, answers[1].Count);
        Assert.Equal(602, server.Node.GetStatistics().Certificates);
    }

    [Fact]
    public async Task Bad_requests_are_answered_and_do_not_disturb_their_neighbours()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.MaxCertificatesPerSubmission = 2);

        Dictionary<ulong, List<SubmissionOutcome>> answers = await SubmitAsync(
            server,
            [],
            TestCertificate.CreateSecretKey(1),
            TestCertificate.Create(2).Data[..^3],
            TestCertificate.CreateKeyring(10, 3),
            TestCertificate.Create(3).Data);

        Assert.Equal(RejectionReason.NoData, Assert.Single(answers[0]).Reason);
        Assert.Equal(RejectionReason.SecretKey, Assert.Single(answers[1]).Reason);
        Assert.Equal(RejectionReason.Truncated, Assert.Single(answers[2]).Reason);
        Assert.Equal(
            [RejectionReason.Unspecified, RejectionReason.Unspecified, RejectionReason.TooManyCertificates],
            answers[3].Select(outcome => outcome.Reason));
        Assert.Equal(SubmissionResult.Added, Assert.Single(answers[4]).Result);
        Assert.Empty(answers[1][0].SksDigest);
    }

    [Fact]
    public async Task Store_that_cannot_be_written_ends_the_call_with_a_time_to_retry()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.MinFreeDiskBytes = long.MaxValue);
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended);

        // The client has not finished: the status must come all the same.
        await call.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom(TestCertificate.Create(1).Data) }, Ended);
        Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(
            StatusCode.Unavailable, "STORE_NOT_WRITABLE", () => call.ResponseStream.MoveNext(Ended));

        Assert.True(status.Require<RetryInfo>().RetryDelay.ToTimeSpan() > TimeSpan.Zero);
    }

    [Fact]
    public async Task Request_above_the_message_limit_ends_the_call()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options => options.MaxReceiveMessageBytes = 64 * 1024);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => SubmitAsync(server, new byte[70_000]));

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Fact]
    public async Task More_calls_than_the_limit_are_refused_until_one_ends()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options => options.MaxSubmitCalls = 1);
        using (AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> first = server.Keys.Submit(cancellationToken: Ended))
        {
            await first.RequestStream.WriteAsync(new SubmitRequest(), Ended);
            Assert.True(await first.ResponseStream.MoveNext(Ended));

            Google.Rpc.Status status = await RpcFailure.AssertFailsAsync(
                StatusCode.ResourceExhausted, "TOO_MANY_CALLS", () => SubmitAsync(server, TestCertificate.Create(1).Data));
            Assert.NotNull(status.Require<RetryInfo>());
            await first.RequestStream.CompleteAsync();
            Assert.False(await first.ResponseStream.MoveNext(Ended));
        }

        Assert.Single(await SubmitAsync(server, TestCertificate.Create(1).Data));
    }

    [Fact]
    public async Task Cancelled_call_leaves_the_server_in_order()
    {
        await using TestServer server = await TestServer.StartAsync(configureGrpc: options => options.MaxSubmitCalls = 1);
        using (AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended))
        {
            var request = new SubmitRequest { Data = ByteString.CopyFrom(TestCertificate.CreateKeyring(1, 3000)) };
            await call.RequestStream.WriteAsync(request, Ended);
            Assert.True(await call.ResponseStream.MoveNext(Ended));
        }

        // The only place is free again, so the call has ended on the server too.
        await TestSupport.Eventually.IsTrueAsync(
            async _ =>
            {
                try
                {
                    return (await SubmitAsync(server, TestCertificate.Create(9999).Data)).Count == 1;
                }
                catch (RpcException e) when (e.StatusCode == StatusCode.ResourceExhausted)
                {
                    return false;
                }
            },
            "the cancelled call ends",
            cancellationToken: Ended);
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains("Sks.Grpc", StringComparison.Ordinal) && line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stopping_the_server_ends_a_call_whose_client_is_still_sending_and_keeps_what_it_has_answered()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[][] certificates = [.. Enumerable.Range(1, 600).Select(number => TestCertificate.Create(number).Data)];
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended);
        Task sending = SendAsync(call, certificates, completes: false);
        List<SubmissionOutcome> answered = [];
        Task? stopping = null;

        RpcException ended = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            await foreach (SubmitResponse response in call.ResponseStream.ReadAllAsync(Ended))
            {
                answered.AddRange(response.Outcomes);
                if (answered.Count >= 10)
                    stopping ??= server.StopAsync();
            }
        });
        await stopping!.WaitAsync(TestSupport.Eventually.DefaultTimeout, Ended);
        await sending.WaitAsync(TestSupport.Eventually.DefaultTimeout, Ended);

        // Of what was sent and not answered, some may be stored too.
        Assert.All(answered, outcome => Assert.Equal(SubmissionResult.Added, outcome.Result));
        Assert.Superset(
            answered.Select(static outcome => outcome.Fingerprint).ToHashSet(),
            server.Node.ReadAll(Sks.Node.ServedView.Clean)
                .Select(static served => ByteString.CopyFrom(served.Stored.Identity.Fingerprint.Span)).ToHashSet());

        // The status, unless the connection is closed under a half-open stream before the client has read it.
        bool isAnswer = ended.StatusCode == StatusCode.Unavailable
            && ended.GetRpcStatus()!.Require<ErrorInfo>().Reason == "SHUTTING_DOWN";
        bool isClosedConnection = ended.Status.DebugException is HttpRequestException or IOException or HttpProtocolException;
        Assert.True(isAnswer || isClosedConnection, ended.ToString());
    }

    private static byte[] Armor(byte[] binary)
    {
        string text = Convert.ToBase64String(binary, Base64FormattingOptions.InsertLineBreaks);
        return Encoding.ASCII.GetBytes($"-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\n{text}\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n");
    }

    // Sends each keyring as a request numbered from 0, and returns the outcomes of each.
    private static async Task<Dictionary<ulong, List<SubmissionOutcome>>> SubmitAsync(TestServer server, params byte[][] keyrings)
    {
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended);
        await SendAsync(call, keyrings, completes: true);
        Dictionary<ulong, List<SubmissionOutcome>> answers = [];
        HashSet<ulong> complete = [];
        await foreach (SubmitResponse response in call.ResponseStream.ReadAllAsync(Ended))
        {
            if (!answers.TryGetValue(response.RequestId, out List<SubmissionOutcome>? outcomes))
                answers.Add(response.RequestId, outcomes = []);
            Assert.DoesNotContain(response.RequestId, complete);
            outcomes.AddRange(response.Outcomes);
            if (response.Complete)
                complete.Add(response.RequestId);
        }

        Assert.Equal(keyrings.Length, complete.Count);
        return answers;
    }

    // Numbers the requests from 0.
    private static async Task SendAsync(AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call, byte[][] keyrings, bool completes)
    {
        try
        {
            for (int i = 0; i < keyrings.Length; i++)
                await call.RequestStream.WriteAsync(new SubmitRequest { RequestId = (ulong)i, Data = ByteString.CopyFrom(keyrings[i]) }, Ended);
            if (completes)
                await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // The server has ended the call already; reading says why.
        }
    }

    private static async Task<(List<SubmissionOutcome> Outcomes, ulong RequestId)> ReadAnswerAsync(
        AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call)
    {
        List<SubmissionOutcome> outcomes = [];
        do
        {
            Assert.True(await call.ResponseStream.MoveNext(Ended));
            outcomes.AddRange(call.ResponseStream.Current.Outcomes);
        }
        while (!call.ResponseStream.Current.Complete);
        return (outcomes, call.ResponseStream.Current.RequestId);
    }
}
