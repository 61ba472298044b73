using Google.Protobuf;
using Grpc.Core;
using Sks.Keys.V1;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Grpc.Tests;

/// <summary>What of a submission is taken, and how that is told.</summary>
public class SubmittedContentTests
{
    private static readonly SigningKey Owner = new(1);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outcome_names_both_views_that_are_stored()
    {
        await using TestServer server = await TestServer.StartAsync();
        SignedCertificate dirty = Clean.UserId("Mallory <mallory@example.org>");

        foreach (SubmissionResult expected in (SubmissionResult[])[SubmissionResult.Added, SubmissionResult.Unchanged])
        {
            SubmissionOutcome outcome = await SubmitAsync(server, dirty.Build());

            Assert.Equal(expected, outcome.Result);
            Assert.Equal(ContentDigest.Compute(1, Clean.BuildCertificate()).Span.ToArray(), outcome.ContentDigest.ToByteArray());
            Assert.Equal(1u, outcome.PolicyVersion);
            Assert.Equal(Clean.BuildCertificate().Digest.ToString(), Convert.ToHexString(outcome.SksDigest.Span), ignoreCase: true);
        }
    }

    [Fact]
    public async Task Certificate_in_which_nothing_is_proven_is_rejected_for_that()
    {
        await using TestServer server = await TestServer.StartAsync();

        SubmissionOutcome outcome = await SubmitAsync(server, new SignedCertificate(Owner).UserId("Mallory").ThirdParty(new SigningKey(2)).Build());

        Assert.Equal((SubmissionResult.Rejected, RejectionReason.NothingProven), (outcome.Result, outcome.Reason));
        Assert.Equal(Owner.Fingerprint.Span.ToArray(), outcome.Fingerprint.ToByteArray());
        Assert.Empty(outcome.ContentDigest);
    }

    [Fact]
    public async Task Revocation_without_its_certificate_finds_its_key()
    {
        await using TestServer server = await TestServer.StartAsync();
        byte[] revocation = TestPackets.Frame(PacketTag.Signature, new SignedCertificate(Owner).RevokeKey().LastSignature);

        SubmissionOutcome before = await SubmitAsync(server, revocation);
        await server.StoreAsync(Clean.Build());
        SubmissionOutcome after = await SubmitAsync(server, revocation);

        Assert.Equal((SubmissionResult.Rejected, RejectionReason.StandaloneRevocation), (before.Result, before.Reason));
        Assert.Equal(SubmissionResult.Updated, after.Result);
        Assert.Equal(Owner.Fingerprint.Span.ToArray(), after.Fingerprint.ToByteArray());
        var request = new GetRequest { Fingerprint = after.Fingerprint };
        byte[] served = (await server.Keys.GetAsync(request, cancellationToken: Ended)).Certificates[0].Data.ToByteArray();
        Assert.Equal(Clean.RevokeKey().Build().Length, served.Length);
        Assert.Single(Keyrings.ReadOne(served).DirectSignatures);
    }

    [Fact]
    public async Task Version_6_is_accepted()
    {
        await using TestServer server = await TestServer.StartAsync();

        SubmissionOutcome outcome = await SubmitAsync(server, SignedCertificate.Ordinary(3, version: 6).Build());

        Assert.Equal(SubmissionResult.Added, outcome.Result);
        Assert.Empty(outcome.SksDigest);
        Assert.Equal(32, outcome.ContentDigest.Length);
    }

    [Theory]
    [InlineData("ipv4:192.0.2.7:50051", "192.0.2.7")]
    [InlineData("ipv6:[2001:db8:1:2:3::7]:50051", "2001:db8:1:2::/64")]
    [InlineData("ipv6:[2001:db8:1:2:4::8]:50051", "2001:db8:1:2::/64")]
    [InlineData("ipv6:[::ffff:192.0.2.7]:50051", "192.0.2.7")]
    [InlineData("unix:/run/sks/admin.sock", null)]
    [InlineData("unknown", null)]
    public void Clients_are_told_apart_by_address_and_the_operator_is_none(string peer, string? client) =>
        Assert.Equal(new Sks.Node.SubmissionOrigin(Storage.ChangeSource.Grpc, client), SubmissionOrigins.Of(peer));

    private static SignedCertificate Clean => new SignedCertificate(Owner).UserId("Somebody <somebody@example.org>").Certify();

    private static async Task<SubmissionOutcome> SubmitAsync(TestServer server, byte[] data)
    {
        using AsyncDuplexStreamingCall<SubmitRequest, SubmitResponse> call = server.Keys.Submit(cancellationToken: Ended);
        await call.RequestStream.WriteAsync(new SubmitRequest { Data = ByteString.CopyFrom(data) }, Ended);
        await call.RequestStream.CompleteAsync();
        List<SubmitResponse> responses = await call.ResponseStream.ReadAllAsync(Ended).ToListAsync(Ended);
        return Assert.Single(responses.SelectMany(response => response.Outcomes));
    }
}
