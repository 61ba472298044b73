using Sks.Node;
using Sks.OpenPgp;
using Sks.Storage;
using Sks.TestSupport;

namespace Sks.CrashChild;

/// <summary>What a test kills in the middle. Nothing here ends by itself.</summary>
internal static class Work
{
    private const int Submitters = 16;
    private const int CertificatesPerChunk = 300;

    /// <summary>Has the store open.</summary>
    public static async Task HoldAsync(string folder)
    {
        await using CertificateStore store = CertificateStore.Open(new StoreOptions { Folder = folder, MinFreeDiskBytes = 0 }, TimeProvider.System);
        Say("open");
        await Task.Delay(Timeout.Infinite);
    }

    /// <summary>Submits certificate after certificate, and the second version of each; says which are acknowledged.</summary>
    public static async Task SubmitAsync(string folder, int firstSeed)
    {
        await using KeyserverNode node = KeyserverNode.Open(new KeyserverOptions { DataDirectory = folder, MinFreeDiskBytes = 0 }, TimeProvider.System);
        int next = firstSeed;
        await Task.WhenAll(Enumerable.Range(0, Submitters).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                int seed = Interlocked.Increment(ref next);
                await SubmitAsync(node, new CertificateBuilder(seed).UserId($"first {seed}").Certification().Build());
                Say($"{seed} 1");
                await SubmitAsync(node, new CertificateBuilder(seed).UserId($"second {seed}").Certification().Build());
                Say($"{seed} 2");
            }
        })));
    }

    /// <summary>Loads chunk after chunk, each with new certificates and new versions of some that are stored.</summary>
    public static async Task BulkLoadAsync(string folder, int firstSeed)
    {
        using BulkLoader loader = BulkLoader.Open(folder, Unite);
        Say("open");
        for (int chunk = 0; ; chunk++)
        {
            int start = firstSeed + (chunk * CertificatesPerChunk);
            IEnumerable<int> seeds = Enumerable.Range(start, CertificatesPerChunk).Concat(Enumerable.Range(1, 20));
            loader.Load([.. seeds.Select(seed => new CertificateBuilder(seed).UserId($"chunk {chunk}").Certification().BuildCertificate())]);
            Say($"loaded {chunk}");
            await Task.Yield();
        }
    }

    /// <summary>Makes the views of a second policy in small steps, while new versions come in; says how far it is.</summary>
    public static async Task MigrateAsync(string folder, int firstSeed)
    {
        CleanViewPolicy[] policies = [CleanViewPolicy.Current, CleanViewPolicy.Current with { Version = 2, MaxSelfSignatures = 2 }];
        var options = new StoreOptions { Folder = folder, MinFreeDiskBytes = 0, Policies = policies };
        await using CertificateStore store = CertificateStore.Open(options, TimeProvider.System);
        Task submitting = Task.Run(async () =>
        {
            for (int seed = firstSeed; ; seed++)
            {
                Certificate certificate = new CertificateBuilder(seed % 1000).SignedUserId($"during {seed}").BuildCertificate();
                PreparedChange? change = Prepare(store, certificate);
                if (change is not null)
                    await store.CommitAsync(change, CancellationToken.None);
            }
        });
        store.ViewMigration.MaxStepRows = 1;
        while (!store.ViewMigration.IsDone)
        {
            Say($"done {store.ViewMigration.Progress.Done}");
            await store.ViewMigration.StepAsync(CancellationToken.None);
        }

        Say("migrated");
        await submitting;
    }

    private static PreparedChange? Prepare(CertificateStore store, Certificate certificate)
    {
        using StoreLease lease = store.TakeLease();
        StoredCertificate? stored = lease.Reader.Find(certificate.Identity);
        return Unite(stored, certificate, store.Policies) is { } views ? PreparedChange.Create(views, stored, ChangeSource.Hkp) : null;
    }

    private static CertificateViews? Unite(StoredCertificate? stored, Certificate incoming) => Unite(stored, incoming, [CleanViewPolicy.Current]);

    private static CertificateViews? Unite(StoredCertificate? stored, Certificate incoming, IReadOnlyList<CleanViewPolicy> policies)
    {
        using var examination = new CertificateExamination(incoming.PrimaryKey);
        examination.Add(incoming);
        VerifiedCertificate? current = stored?.ReadFullView();
        if (current is not null)
            examination.Add(current);
        Certificate full = current is null ? incoming : CertificateMerger.Merge(current.Certificate, incoming);
        return CertificateViews.Of(examination, full, policies);
    }

    private static async Task SubmitAsync(KeyserverNode node, byte[] certificate)
    {
        await foreach (SubmissionOutcome outcome in node.Submissions.SubmitAsync(certificate, new SubmissionOrigin(ChangeSource.Hkp, null), CancellationToken.None))
        {
            if (outcome.Result is not (SubmissionResult.Added or SubmissionResult.Updated))
                throw new InvalidOperationException($"Unexpected outcome {outcome}.");
        }
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
