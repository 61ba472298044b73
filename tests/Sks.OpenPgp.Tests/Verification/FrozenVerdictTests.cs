using Sks.OpenPgp.Verification;

namespace Sks.OpenPgp.Tests.Verification;

public sealed class FrozenVerdictTests
{
    private static readonly string[] Files =
        ["rsa.json", "dsa.json", "ecdsa.json", "eddsa.json", "ed25519-speccheck.json", "ml-dsa.json", "slh-dsa.json"];

    public static TheoryData<string, bool> FilesAndLibraries =>
        [.. Files.SelectMany(static file => new[] { (file, false), (file, true) })];

    [Theory]
    [MemberData(nameof(FilesAndLibraries))]
    public void Verdicts_are_as_frozen(string file, bool isManagedOnly)
    {
        Libraries libraries = isManagedOnly ? Libraries.Managed : Libraries.System;
        VerificationVectors vectors = VerificationVectors.Read(file);
        var wrong = new List<string>();
        foreach (VectorKey entry in vectors.Keys)
        {
            using VerificationKey? key = VerificationKey.TryImport(entry.ToPacket(), libraries);
            if (key is null != entry.Unusable)
                wrong.Add($"{entry.Name}: {(key is null ? "unusable" : "usable")}");
            if (key is null)
                continue;
            foreach (VectorCase vector in vectors.Cases.Where(vector => vector.Key == entry.Name))
            {
                SignatureVerdict verdict = vector.VerifyWith(key);
                if (verdict != vector.Verdict)
                    wrong.Add($"{entry.Name}, {vector.Name}: {verdict}, not {vector.Verdict}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(vectors.Keys.Count, vectors.Keys.DistinctBy(static key => key.Name).Count());
        Assert.All(vectors.Cases, vector => Assert.Contains(vectors.Keys, key => key.Name == vector.Key));
        Assert.Contains(vectors.Cases, static vector => vector.Verdict == SignatureVerdict.Valid);
        Assert.Contains(vectors.Cases, static vector => vector.Verdict == SignatureVerdict.Invalid);
    }
}
