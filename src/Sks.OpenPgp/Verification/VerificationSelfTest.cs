using System.Buffers.Binary;
using System.Globalization;
using System.Reflection;

namespace Sks.OpenPgp.Verification;

/// <summary>Frozen signatures that the program verifies itself, to find a platform with other verdicts before it matters.</summary>
/// <remarks>
/// A selection of the test data's vectors, at least one accepted and one rejected for each family of algorithms. Each line of the
/// resource is a key (version, algorithm, material) or a case of the key before it (algorithm, hash, digest, signature, verdict), with
/// bytes in base64.
/// </remarks>
public static class VerificationSelfTest
{
    private const string Resource = "self-test.txt";

    /// <summary>Verifies all of them.</summary>
    /// <returns>The names of those whose verdict is wrong here; none on a sound platform.</returns>
    public static IReadOnlyList<string> Run() => Run(Libraries.System);

    /// <summary>Verifies all of them with the given libraries.</summary>
    internal static IReadOnlyList<string> Run(Libraries libraries)
    {
        var wrong = new List<string>();
        VerificationKey? key = null;
        string keyName = "";
        foreach (string[] fields in ReadLines())
        {
            if (fields[0] == "key")
            {
                key?.Dispose();
                keyName = fields[1];
                key = VerificationKey.TryImport(ToPacket(Number(fields[2]), Number(fields[3]), Bytes(fields[4])), libraries);
                continue;
            }

            SignatureVerdict? verdict = key?.Verify(
                (PublicKeyAlgorithm)Number(fields[2]), (SignatureHash)Number(fields[3]), Bytes(fields[4]), Bytes(fields[5]));
            if (verdict?.ToString() != fields[6])
                wrong.Add($"{keyName}: {fields[1]}");
        }

        key?.Dispose();
        return wrong;
    }

    private static IEnumerable<string[]> ReadLines()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(typeof(VerificationSelfTest), Resource)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line.Split('|');
    }

    private static byte Number(string field) => byte.Parse(field, CultureInfo.InvariantCulture);

    private static byte[] Bytes(string field) => field == "-" ? [] : Convert.FromBase64String(field);

    private static PublicKeyPacket ToPacket(byte version, byte algorithm, byte[] material)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, material.Length);
        byte[] body = [version, 0, 0, 0, 0, algorithm, .. version == 6 ? length : [], .. material];
        return PublicKeyPacket.TryParse(body, out PublicKeyPacket packet, out _)
            ? packet
            : throw new InvalidDataException("The self-test's own key is no key.");
    }
}
