namespace Sks.Reconciliation.Sketches;

/// <summary>A sketch as it was at one moment. Never changes, so that cells sent later fit those sent before.</summary>
public sealed class SketchImage
{
    internal SketchImage() => throw new NotImplementedException();

    /// <summary>How many elements there are.</summary>
    public long Count => throw new NotImplementedException();

    /// <summary>See <see cref="CodedSketch.Fingerprint"/>.</summary>
    public UInt128 Fingerprint => throw new NotImplementedException();
}
