using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sks.OpenPgp.Verification;
using Sks.TestSupport;

namespace Sks.OpenPgp.Tests.Verification;

/// <summary>A key of a vector file.</summary>
internal sealed record VectorKey(string Name, byte Version, byte Algorithm, string Material, bool Unusable)
{
    public PublicKeyPacket ToPacket() => ToPacket(Version, Algorithm, Convert.FromHexString(Material));

    /// <summary>The packet of a key with this material.</summary>
    public static PublicKeyPacket ToPacket(byte version, byte algorithm, byte[] material)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, material.Length);
        byte[] body = version switch
        {
            < 4 => [version, 0, 0, 0, 1, 0, 0, algorithm, .. material],
            4 => [version, 0, 0, 0, 1, algorithm, .. material],
            _ => [version, 0, 0, 0, 1, algorithm, .. length, .. material],
        };
        return PublicKeyPacket.TryParse(body, out PublicKeyPacket packet, out _)
            ? packet
            : throw new InvalidDataException("No key packet.");
    }
}

/// <summary>A signature of a vector file, and what it is.</summary>
internal sealed record VectorCase(
    string Name, string Key, byte Algorithm, byte Hash, string Digest, string Signature, SignatureVerdict Verdict)
{
    public SignatureVerdict VerifyWith(VerificationKey key) => key.Verify(
        (PublicKeyAlgorithm)Algorithm, (SignatureHash)Hash, Convert.FromHexString(Digest), Convert.FromHexString(Signature));
}

/// <summary>A file of <c>tests/testdata/verification</c>.</summary>
internal sealed record VerificationVectors(IReadOnlyList<VectorKey> Keys, IReadOnlyList<VectorCase> Cases)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    public static VerificationVectors Read(string file) =>
        JsonSerializer.Deserialize<VerificationVectors>(TestData.Read("verification", file), Options)!;
}
