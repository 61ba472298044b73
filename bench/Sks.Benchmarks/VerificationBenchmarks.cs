using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Sks.OpenPgp;
using Sks.OpenPgp.Verification;

namespace Sks.Benchmarks;

/// <summary>One verification with an imported key, and one import, per algorithm; keys and signatures are the tests' frozen ones.</summary>
[MemoryDiagnoser]
public class VerificationBenchmarks
{
    private static readonly Dictionary<string, (string File, string Key, string Case)> Vectors = new()
    {
        ["RSA-2048"] = ("rsa.json", "2048 bits, e = 65537", "sha256"),
        ["RSA-4096"] = ("rsa.json", "4096 bits, e = 65537", "sha512"),
        ["RSA-4096, RIPEMD-160"] = ("rsa.json", "4096 bits, e = 65537", "rmd160"),
        ["DSA-1024"] = ("dsa.json", "1024/160 bits", "sha1"),
        ["DSA-2048"] = ("dsa.json", "2048/256 bits", "sha256"),
        ["P-256"] = ("ecdsa.json", "p256", "sha256"),
        ["P-384"] = ("ecdsa.json", "p384", "sha384"),
        ["P-521"] = ("ecdsa.json", "p521", "sha512"),
        ["brainpoolP256r1"] = ("ecdsa.json", "brainpoolP256r1", "sha256"),
        ["secp256k1"] = ("ecdsa.json", "secp256k1", "sha256"),
        ["Ed25519"] = ("eddsa.json", "27, version 6", "sha512"),
        ["Ed25519, version 4"] = ("eddsa.json", "22", "sha512"),
        ["Ed448"] = ("eddsa.json", "28, version 6", "sha512"),
        ["ML-DSA-65+Ed25519"] = ("ml-dsa.json", "30", "valid"),
        ["ML-DSA-87+Ed448"] = ("ml-dsa.json", "31", "valid"),
        ["SLH-DSA-128s"] = ("slh-dsa.json", "32", "valid"),
        ["SLH-DSA-128f"] = ("slh-dsa.json", "33", "valid"),
        ["SLH-DSA-256s"] = ("slh-dsa.json", "34", "valid"),
    };

    private PublicKeyPacket _packet = null!;
    private VerificationKey _key = null!;
    private SignatureHash _hash;
    private byte[] _digest = [];
    private byte[] _signature = [];

    [ParamsSource(nameof(Names))]
    public string Algorithm { get; set; } = "";

    public static IEnumerable<string> Names => Vectors.Keys;

    [GlobalSetup]
    public void SetUp()
    {
        (string file, string keyName, string caseName) = Vectors[Algorithm];
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FindFolder(), file)));
        JsonElement key = document.RootElement.GetProperty("keys").EnumerateArray()
            .First(entry => entry.GetProperty("name").GetString() == keyName);
        JsonElement vector = document.RootElement.GetProperty("cases").EnumerateArray()
            .First(entry => entry.GetProperty("key").GetString() == keyName && entry.GetProperty("name").GetString() == caseName);
        _packet = ToPacket(key.GetProperty("version").GetByte(), key.GetProperty("algorithm").GetByte(), Bytes(key, "material"));
        _key = VerificationKey.TryImport(_packet)!;
        _hash = (SignatureHash)vector.GetProperty("hash").GetByte();
        _digest = Bytes(vector, "digest");
        _signature = Bytes(vector, "signature");
        if (!Verify())
            throw new InvalidDataException($"{Algorithm} does not verify.");
    }

    [GlobalCleanup]
    public void CleanUp() => _key.Dispose();

    [Benchmark]
    public bool Verify() => _key.Verify(_packet.Algorithm, _hash, _digest, _signature) == SignatureVerdict.Valid;

    [Benchmark]
    public bool ImportAndVerify()
    {
        using VerificationKey key = VerificationKey.TryImport(_packet)!;
        return key.Verify(_packet.Algorithm, _hash, _digest, _signature) == SignatureVerdict.Valid;
    }

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    private static PublicKeyPacket ToPacket(byte version, byte algorithm, byte[] material)
    {
        byte[] length = [0, 0, (byte)(material.Length >> 8), (byte)material.Length];
        byte[] body = [version, 0, 0, 0, 0, algorithm, .. version == 6 ? length : [], .. material];
        return PublicKeyPacket.TryParse(body, out PublicKeyPacket packet, out _)
            ? packet
            : throw new InvalidDataException("No key packet.");
    }

    private static string FindFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "tests", "testdata", "verification");
            if (Directory.Exists(candidate))
                return candidate;
        }

        throw new DirectoryNotFoundException($"No test data above {AppContext.BaseDirectory}.");
    }
}
