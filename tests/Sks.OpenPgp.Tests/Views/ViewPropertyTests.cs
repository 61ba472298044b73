using CsCheck;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>What holds for the clean view of anything, with caps of the usual size and with caps that everything is above.</summary>
public sealed class ViewPropertyTests
{
    private static readonly CleanViewPolicy[] Policies = [CleanViewPolicy.Current, GenPackets.Small];

    [Fact]
    public void The_view_of_a_view_is_that_view() =>
        GenPackets.Version.Sample(version => Assert.All(Policies, policy =>
        {
            if (View(policy, version) is { } view)
                Assert.Equal(view.ToArray(), View(policy, view)!.ToArray());
        }));

    [Fact]
    public void The_view_of_what_lies_between_a_view_and_its_source_is_that_view() =>
        GenPackets.VersionAndPart.Sample(sample => Assert.All(Policies, policy =>
        {
            if (View(policy, sample.Certificate) is not { } view)
                return;
            Certificate between = CertificateMerger.Merge(view, GenPackets.Part(sample.Certificate, sample.Chosen));
            Assert.Equal(view.ToArray(), View(policy, between)!.ToArray());
        }));

    [Fact]
    public void The_order_and_the_number_of_arrivals_do_not_matter() =>
        Gen.Select(GenPackets.VersionAndPart, GenPackets.Version).Sample((sample, _) => Assert.All(Policies, policy =>
        {
            Certificate first = GenPackets.Part(sample.Certificate, sample.Chosen);
            Certificate second = GenPackets.Part(sample.Certificate, [.. sample.Chosen.Select(static chosen => !chosen)]);
            Certificate whole = CertificateMerger.Merge(first, second);
            byte[]? expected = View(policy, whole)?.ToArray();

            Assert.Equal(expected, View(policy, first, second)?.ToArray());
            Assert.Equal(expected, View(policy, second, first, second, whole)?.ToArray());
        }));

    [Fact]
    public void A_view_selects_packets_and_never_changes_one() =>
        GenPackets.Version.Sample(version => Assert.All(Policies, policy =>
        {
            if (View(policy, version) is not { } view)
                return;
            Assert.True(version.Packets.Select(Text).ToHashSet().IsSupersetOf(view.Packets.Select(Text)));
            // A component that was there keeps its signatures; what is about the key may have stood anywhere.
            Assert.Null(new PacketSet(version).RestOf(new Certificate(view.PrimaryKey, view.Identity, [], view.UserIds, view.Subkeys)));
        }));

    [Fact]
    public void Stored_verdicts_change_nothing_and_save_all_verification() =>
        GenPackets.VersionAndPart.Sample(sample => Assert.All(Policies, policy =>
        {
            Certificate part = GenPackets.Part(sample.Certificate, sample.Chosen);
            using var fresh = Examined.Of([sample.Certificate]);
            byte[]? expected = fresh.Select(policy).Certificate?.ToArray();
            VerifiedCertificate known = fresh.Verdicts(sample.Certificate);
            VerifiedCertificate knownPart = fresh.Verdicts(part);

            using var again = new CertificateExamination(sample.Certificate.PrimaryKey);
            again.Add(known);
            Assert.Equal(expected, again.Select(policy).Certificate?.ToArray());
            Assert.Equal(0, again.Cost);
            Assert.Equal(known.Verdicts.ToArray(), again.Verdicts(sample.Certificate).Verdicts.ToArray());

            using var mixed = new CertificateExamination(sample.Certificate.PrimaryKey);
            mixed.Add(sample.Certificate);
            mixed.Add(knownPart);
            Assert.Equal(expected, mixed.Select(policy).Certificate?.ToArray());
            Assert.True(mixed.Cost <= fresh.Cost);
        }));

    [Fact]
    public void Policies_share_an_examination_in_any_order() =>
        GenPackets.Version.Sample(version =>
        {
            CleanViewPolicy next = GenPackets.Small with { Version = 2 };
            using var examination = Examined.Of([version]);
            CleanView later = examination.Select(next);
            CleanView now = examination.Select(CleanViewPolicy.Current);

            Assert.Equal(Examined.Select(CleanViewPolicy.Current, version).Digest, now.Digest);
            Assert.Equal(Examined.Select(next, version).Digest, later.Digest);
            Assert.Equal(2, later.PolicyVersion);
            Assert.True(now.Digest is null || now.Digest != later.Digest);
        });

    [Fact]
    public void Pausing_changes_nothing() =>
        GenPackets.Version.Sample(version =>
        {
            using var paused = Examined.Of([version]);
            int pauses = 0;
            while (!paused.Advance(100))
                pauses++;
            using var straight = Examined.Of([version]);

            Assert.True(straight.Advance(long.MaxValue));
            Assert.Equal(straight.Cost, paused.Cost);
            Assert.Equal(straight.Select(GenPackets.Small).Digest, paused.Select(GenPackets.Small).Digest);
            Assert.True(version.PacketCount < 40 || pauses > 5);
        });

    [Fact]
    public void What_is_explained_as_kept_is_the_view() =>
        GenPackets.Version.Sample(version => Assert.All(Policies, policy =>
        {
            using var examination = Examined.Of([version]);
            IReadOnlyList<PacketFinding> findings = examination.Explain(policy);
            IEnumerable<string> kept = findings.Where(static finding => finding.Fate == PacketFate.Kept).Select(static finding => Text(finding.Packet));

            Assert.Equal(examination.Select(policy).Certificate?.Packets.Select(Text) ?? [], kept);
        }));

    // Each holds what it held and gets the other's clean view, in both directions at once.
    [Fact]
    public void Two_nodes_that_exchange_views_are_equal_within_two_rounds_even_above_the_caps() =>
        Gen.Select(GenPackets.Version, GenPackets.Version).Sample((one, other) => Assert.All(Policies, policy =>
        {
            for (int round = 0; round < 2; round++)
            {
                Certificate? oneView = View(policy, one);
                Certificate? otherView = View(policy, other);
                one = otherView is null ? one : CertificateMerger.Merge(one, otherView);
                other = oneView is null ? other : CertificateMerger.Merge(other, oneView);
            }

            Assert.Equal(View(policy, one)?.ToArray(), View(policy, other)?.ToArray());
        }));

    // Otherwise the properties above would say nothing.
    [Fact]
    public void The_pool_has_packets_of_almost_every_fate()
    {
        HashSet<PacketFate> fates = [];
        foreach (CleanViewPolicy policy in Policies)
        {
            using var examination = Examined.Of([GenPackets.All]);
            fates.UnionWith(examination.Explain(policy).Select(static finding => finding.Fate));
        }

        PacketFate[] others =
        [
            PacketFate.Unusable, PacketFate.SensitiveRevoker, PacketFate.WeakHash, PacketFate.NotationsTooLarge, PacketFate.SignatureTooLarge,
            PacketFate.ComponentTooLarge, PacketFate.UnknownAlgorithm, PacketFate.WrongHashTag,
        ];
        Assert.Equal(Enum.GetValues<PacketFate>().Except(others), fates.Order());
    }

    private static Certificate? View(CleanViewPolicy policy, params Certificate[] versions) => Examined.Select(policy, versions).Certificate;

    private static string Text(Packet packet) => $"{packet.Tag} {Convert.ToHexString(packet.Span)}";
}
