using CsCheck;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests;

/// <summary>Random certificates. Names and signatures come from few seeds, so that versions of one certificate overlap.</summary>
internal static class GenCertificates
{
    /// <summary>Any certificate, repeated components and signatures included.</summary>
    public static Gen<CertificateBuilder> Any { get; } =
        Gen.Select(Gen.OneOf(2, 3, 4, 6), Gen.Int[0, 3], Gen.Int[0, 5].List[0, 3], Components(isDistinct: false))
            .Select(static (version, seed, direct, components) => Build(version, seed, direct, components));

    /// <summary>Versions of one certificate without repetitions inside a component.</summary>
    public static Gen<Certificate> VersionOfOne { get; } =
        Gen.Select(Gen.Int[0, 5].HashSet[0, 3], Components(isDistinct: true))
            .Select(static (direct, components) => Build(4, 1, direct, components).BuildCertificate());

    /// <summary>Versions of one certificate in which anything may be repeated.</summary>
    public static Gen<Certificate> VersionOfOneWithRepetitions { get; } =
        Gen.Select(Gen.Int[0, 5].List[0, 3], Components(isDistinct: false))
            .Select(static (direct, components) => Build(4, 1, direct, components).BuildCertificate());

    private static Gen<List<(int Kind, int Seed, int[] Signatures)>> Components(bool isDistinct) =>
        Gen.Select(
                Gen.Int[0, 2],
                Gen.Int[0, 2],
                Gen.Int[0, 6].Array[0, 4],
                (kind, seed, signatures) => (kind, seed, isDistinct ? signatures.Distinct().ToArray() : signatures))
            .List[0, 6]
            .Select(static list => list.OrderBy(static c => c.kind == 2).Select(static c => (c.kind, c.seed, c.Item3)).ToList());

    private static CertificateBuilder Build(
        int version, int seed, IEnumerable<int> direct, List<(int Kind, int Seed, int[] Signatures)> components)
    {
        var builder = new CertificateBuilder(seed, version);
        foreach (int signature in direct)
            builder.Signature(SignatureType.DirectKey, signature);
        foreach ((int kind, int componentSeed, int[] signatures) in components)
        {
            if (kind == 2 && version < 4)
                continue;
            _ = kind switch
            {
                0 => builder.UserId($"{new string('n', 3 - componentSeed)} <{componentSeed}@example.org>"),
                1 => builder.Attribute(100 + componentSeed),
                _ => builder.Subkey(componentSeed),
            };
            foreach (int signature in signatures)
                builder.Signature(kind == 2 ? SignatureType.SubkeyBinding : SignatureType.PositiveCertification, signature);
        }

        return builder;
    }
}
