using Microsoft.Extensions.Time.Testing;
using Sks.OpenPgp;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.Storage.Tests;

/// <summary>A store in a folder of its own, with a clock that stands still, and the few lines that a node puts around it.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Func<StoreOptions, StoreOptions> _configure;

    private TestStore(Func<StoreOptions, StoreOptions> configure)
    {
        _configure = configure;
        Folder = _folder.Path;
        Store = OpenAgain();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public string Folder { get; set; }

    public CertificateStore Store { get; private set; }

    public static TestStore Open(Func<StoreOptions, StoreOptions>? configure = null) => new(configure ?? (static options => options));

    public static Certificate Certificate(int seed) => CertificateBuilder.Ordinary(seed).BuildCertificate();

    /// <summary>One that SKS cannot hold.</summary>
    public static Certificate Version6(int seed) => SignedCertificate.Ordinary(seed, version: 6).BuildCertificate();

    /// <summary>One version of the certificate with a seed: user IDs say which.</summary>
    public static Certificate Version(int seed, params IEnumerable<int> parts)
    {
        var builder = new CertificateBuilder(seed);
        foreach (int part in parts.Distinct())
            builder.UserId($"part {part} of {seed} <p{part}@example.org>").Signature(SignatureType.PositiveCertification, part);
        return builder.BuildCertificate();
    }

    /// <summary>Has a certificate stored as a node does.</summary>
    /// <returns>Whether something was written.</returns>
    public async Task<bool> SubmitAsync(Certificate certificate, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            PreparedChange? change = Prepare(certificate);
            if (change is null)
                return false;
            if (await Store.CommitAsync(change, cancellationToken) == CommitResult.Committed)
                return true;
        }
    }

    public Task SubmitAllAsync(IEnumerable<Certificate> certificates) =>
        Task.WhenAll(certificates.Select(certificate => Task.Run(() => SubmitAsync(certificate))));

    /// <summary>The change that a certificate calls for; null when it brings nothing.</summary>
    public PreparedChange? Prepare(Certificate certificate, ulong? restrictionVersion = null)
    {
        using StoreLease lease = Store.TakeLease();
        StoredCertificate? stored = lease.Reader.Find(certificate.Identity);
        if (Merging.Unite(stored, certificate, Store.Policies) is not { } views)
            return null;
        bool isSame = stored is not null
            && stored.SksDigest == views.Full?.Digest
            && views.Clean.All(clean => stored.HasCleanView(clean.PolicyVersion) && stored.ContentDigest(clean.PolicyVersion) == clean.Digest);
        return isSame ? null : PreparedChange.Create(views, stored, ChangeSource.Hkp, restrictionVersion, dialects: Store.Dialects);
    }

    public StoredCertificate? Find(CertificateIdentity identity)
    {
        using StoreLease lease = Store.TakeLease();
        return lease.Reader.Find(identity);
    }

    public Dictionary<CertificateIdentity, SksDigest> ReadDigests()
    {
        using StoreSnapshot snapshot = Store.TakeSnapshot();
        return snapshot.ReadAll().ToDictionary(static stored => stored.Identity, static stored => stored.SksDigest!.Value);
    }

    public void AssertSound() => Assert.Equal([], Store.Check(null, TestContext.Current.CancellationToken).Differences);

    public async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = OpenAgain();
    }

    /// <summary>Runs something on the closed store and opens it again.</summary>
    public async Task WhileClosedAsync(Action<string> work)
    {
        await Store.DisposeAsync();
        work(Folder);
        Store = OpenAgain();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }

    private CertificateStore OpenAgain() =>
        CertificateStore.Open(_configure(new StoreOptions { Folder = Folder, MinFreeDiskBytes = 0 }), Time);
}
