using CsCheck;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Storage.Tests;

/// <summary>Random work against a dictionary, with restarts, bulk loads and crashes in between.</summary>
public class ModelTests
{
    private enum Kind
    {
        Submit,
        SubmitTogether,
        Reopen,
        BulkLoad,
        Crash,
        CrashOfBulkLoad,
    }

    private static Gen<List<(Kind Kind, List<Certificate> Certificates)>> Works { get; } =
        Gen.Select(
            Gen.Frequency((10, Gen.Const(Kind.Submit)), (10, Gen.Const(Kind.SubmitTogether)), (1, Gen.Const(Kind.Reopen)),
                (2, Gen.Const(Kind.BulkLoad)), (2, Gen.Const(Kind.Crash)), (1, Gen.Const(Kind.CrashOfBulkLoad))),
            Version().List[0, 12])
        .List[1, 12];

    [Fact]
    public async Task Store_holds_what_the_model_holds_whatever_the_group_size() => await Works.SampleAsync(
        static async works =>
        {
            List<string> digests = [];
            foreach (int groupSize in (int[])[1, 8, 512])
                digests.Add(await RunAsync(works, groupSize));
            Assert.Single(digests.Distinct());
        },
        iter: 8,
        threads: 1);

    private static Gen<Certificate> Version() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[0, 6].HashSet[0, 4], Gen.Int[0, 3].HashSet[0, 2], Gen.Bool)
            .Select(static (seed, parts, subkeys, isOld) =>
            {
                var builder = new CertificateBuilder(seed, isOld ? 3 : 4);
                foreach (int part in parts)
                    builder.UserId($"Part{part} of{seed} <p{part}@example.org>").Signature(SignatureType.PositiveCertification, part);
                foreach (int subkey in isOld ? [] : subkeys)
                    builder.Subkey(subkey + 100).Signature(SignatureType.SubkeyBinding, subkey);
                return builder.BuildCertificate();
            });

    private static async Task<string> RunAsync(List<(Kind Kind, List<Certificate> Certificates)> works, int groupSize)
    {
        using var copies = new TemporaryFolder();
        await using TestStore test = TestStore.Open(options => options with { MaxGroupSize = groupSize, TreeShape = TreeNodes.High });
        Dictionary<CertificateIdentity, Certificate> model = [];
        int copy = 0;
        foreach ((Kind kind, List<Certificate> certificates) in works)
        {
            switch (kind)
            {
                case Kind.Submit:
                    foreach (Certificate certificate in certificates)
                        await test.SubmitAsync(certificate);
                    break;
                case Kind.SubmitTogether:
                    await test.SubmitAllAsync(certificates);
                    break;
                case Kind.Reopen:
                    await test.ReopenAsync();
                    TreeNodes.AssertSound(test.Store, TreeNodes.High);
                    continue;
                case Kind.BulkLoad:
                    await test.WhileClosedAsync(folder => BulkLoads.Load(folder, TreeNodes.High, certificates.Chunk(4)));
                    break;
                case Kind.CrashOfBulkLoad:
                    await test.WhileClosedAsync(folder =>
                    {
                        using BulkLoader loader = BulkLoads.Open(folder, TreeNodes.High);
                        loader.Load(certificates);
                    });
                    break;
                case Kind.Crash:
                    // What is on disk at this moment is what a crash would leave.
                    string target = copies.Combine($"{++copy}");
                    CrashCopy.Take(test.Folder, target);
                    await test.Store.DisposeAsync();
                    test.Folder = target;
                    await test.ReopenAsync();
                    continue;
            }

            TreeNodes.AssertSound(test.Store, TreeNodes.High);
            foreach (Certificate certificate in certificates)
                model[certificate.Identity] = model.TryGetValue(certificate.Identity, out Certificate? known)
                    ? CertificateMerger.Merge(known, certificate)
                    : certificate;
        }

        Compare(test, model);
        return string.Join(',', test.ReadDigests().Values.Select(static digest => digest.ToString()).Order(StringComparer.Ordinal));
    }

    private static void Compare(TestStore test, Dictionary<CertificateIdentity, Certificate> model)
    {
        test.AssertSound();
        Assert.Equal(model.Count, test.Store.Count);
        Assert.Equal(model.ToDictionary(static m => m.Key, static m => m.Value.Digest), test.ReadDigests());

        using StoreLease lease = test.Store.TakeLease();
        StoreReader reader = lease.Reader;
        foreach (Certificate certificate in model.Values)
        {
            Assert.Equal(certificate.ToArray(), reader.Find(certificate.Digest)!.FullView!.Value.ToArray());
            Assert.Contains(certificate.Identity, reader.Find(certificate.PrimaryKey.Fingerprint, 100));
            Assert.Contains(certificate.Identity, reader.Find(certificate.PrimaryKey.KeyId, 100));
        }

        foreach (PublicKeyPacket subkey in model.Values.SelectMany(SubkeysOf).DistinctBy(static key => key.Fingerprint))
        {
            CertificateIdentity[] holders = [.. model.Values.Where(c => SubkeysOf(c).Any(k => k.Fingerprint == subkey.Fingerprint)).Select(static c => c.Identity)];
            AssertSame(holders, reader.Find(subkey.Fingerprint, 100));
            AssertSame(holders, reader.Find(subkey.KeyId, 100));
        }

        foreach (int part in Enumerable.Range(0, 8))
        {
            AssertSame(Holding(model, part), reader.FindIdentity($"P{part}@Example.org", 100));
            AssertSame(Holding(model, part), reader.FindWords([$"part{part}".Select(static c => (byte)c).ToArray(), "example"u8.ToArray()], 100, 100)!);
            foreach (int seed in Enumerable.Range(1, 8))
            {
                AssertSame(
                    Holding(model, part).Where(identity => model[identity].UserIds.Any(u => TextOf(u).Contains($"of{seed} ", StringComparison.Ordinal))),
                    reader.FindIdentity($"part{part} OF{seed} <p{part}@example.org>", 100));
            }
        }
    }

    private static IEnumerable<CertificateIdentity> Holding(Dictionary<CertificateIdentity, Certificate> model, int part) =>
        model.Values.Where(c => c.UserIds.Any(u => TextOf(u).Contains($"<p{part}@", StringComparison.Ordinal))).Select(static c => c.Identity);

    private static IEnumerable<PublicKeyPacket> SubkeysOf(Certificate certificate) => certificate.Subkeys.Select(static subkey =>
        PublicKeyPacket.TryParse(subkey.Packet.Body, out PublicKeyPacket key, out _) ? key : throw new InvalidOperationException("A subkey does not parse."));

    private static string TextOf(CertificateComponent userId) => UserIdText.Decode(userId.Packet.Span);

    private static void AssertSame(IEnumerable<CertificateIdentity> expected, IEnumerable<CertificateIdentity> actual) =>
        Assert.Equal(expected.Select(static i => i.ToString()).Order(), actual.Select(static i => i.ToString()).Order());
}
